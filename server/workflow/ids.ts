import type { JsonValue } from '../shared/lossless-json.ts'

/** Pages people copy ids from, on either site, with or without scheme, query and fragment (RunningHub: hosts). */
const page = /runninghub\.(?:cn|ai)\/\S*?(?:workflow|post|ai-detail)\/([0-9]{6,})/i
const query = /runninghub\.(?:cn|ai)\/\S*[?&](?:workflowId|webappId)=([0-9]{6,})/i

/** Whether an input takes the id of a cloud workflow or an AI app. */
export function takesTargetId(name: string): boolean {
  return /workflowId|webappId/.test(name)
}

type CleanId = { id: JsonValue; notes: { code: string; message: string }[] }

/** The id in what people paste: spaces trimmed, page addresses reduced to their id, numbers to their digits. */
export function cleanTargetId(written: JsonValue): CleanId {
  const notes: CleanId['notes'] = []
  if (typeof written === 'bigint' || (typeof written === 'number' && Number.isInteger(written))) {
    const id = BigInt(written).toString()
    notes.push({ code: 'id-number', message: `the id ${id} was written as a number` })
    const isExact = typeof written === 'bigint' || Number.isSafeInteger(written)
    return { id, notes: [...notes, ...(isExact ? roundedNote(id) : [rounded(id)])] }
  }
  if (typeof written !== 'string') return { id: written, notes }
  const trimmed = written.trim()
  const found = page.exec(trimmed)?.[1] ?? query.exec(trimmed)?.[1]
  if (found !== undefined) {
    notes.push({ code: 'id-from-url', message: `the id ${found} was taken out of a pasted page address` })
  } else if (trimmed !== written) {
    notes.push({ code: 'id-trimmed', message: `spaces around the id ${trimmed.slice(0, 40)} were removed` })
  }
  const id = found ?? trimmed
  return { id, notes: [...notes, ...roundedNote(id)] }
}

/** JavaScript prints at most 17 significant digits: a 19-digit id that passed through it ends in 00. */
function roundedNote(id: string): CleanId['notes'] {
  if (!/^[0-9]{17}00$/.test(id)) return []
  return [rounded(id)]
}

const rounded = (id: string) => ({
  code: 'id-rounded',
  message: `the id ${id} looks rounded by a program on its way here; compare it with the address of its page`,
})
