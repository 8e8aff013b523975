import { BridgeError } from '../shared/errors.ts'
import { type JsonValue, parseJson } from '../shared/lossless-json.ts'
import { openAtEnd, withoutNonFinite } from '../shared/scan-json.ts'

const saveAgain = 'Save the workflow again in ComfyUI (Workflow, then Save or Export) and open that file.'

const longestList = 1_000_000

/** Text -> JSON, or a BridgeError that says what the text is instead. Never quotes the text: it may hold a key. */
export function readJsonText(text: string): { value: JsonValue; pythonNumbers: number } {
  const clean = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  const start = clean.slice(0, 4000).trimStart()
  if (start === '' && clean.trim() === '') {
    throw new BridgeError('the file is empty', { code: 'workflow-empty', hint: saveAgain })
  }
  if (start.startsWith('<')) throw notJsonMarkup(start)
  // No list is a workflow; parsing 50 MB of `[],[],…` to say so would take seconds and a gigabyte.
  if (start.startsWith('[') && clean.length > longestList) throw notList()
  try {
    const { text: readable, count } = withoutNonFinite(clean)
    return { value: parseJson(readable), pythonNumbers: count }
  } catch (error) {
    throw explain(clean, error)
  }
}

function notList(): BridgeError {
  return new BridgeError('this is no workflow: it looks like a long list', {
    code: 'workflow-unrecognised',
    hint: saveAgain,
  })
}

function notJsonMarkup(start: string): BridgeError {
  if (/^<(!doctype html|html|head|body|script|meta|title|div)\b/i.test(start) || /<html\b/i.test(start)) {
    return new BridgeError('this is a web page, not a workflow', {
      code: 'workflow-html',
      hint: 'Use the download button of the page ("Raw" on GitHub) instead of saving the page itself.',
    })
  }
  const what = /<svg\b/i.test(start) ? 'an SVG picture' : 'XML'
  return new BridgeError(`this is ${what}, not a workflow`, { code: 'workflow-not-json', hint: saveAgain })
}

// The parser's own message quotes the text, so it goes neither into ours nor into the cause.
function explain(text: string, error: unknown): BridgeError {
  const { code, message } = error instanceof BridgeError ? error : { code: 'json-invalid', message: '' }
  if (code === 'json-too-deep') {
    return new BridgeError(`this is no workflow: ${message}`, {
      code: 'workflow-too-deep',
      hint: 'No editor writes such files; open the workflow file itself.',
    })
  }
  if (looksLikeScript(text)) {
    return new BridgeError('this is a script with commands, not a workflow', {
      code: 'workflow-script',
      hint: 'To run what it calls, put its workflowId or webappId into a RunningHub settings node; its parameters go into node info nodes.',
    })
  }
  const [, line, column] = /line (\d+), column (\d+)/.exec(message) ?? []
  if (code === 'json-truncated' || (line !== undefined && endsAt(text, Number(line), Number(column)))) {
    return new BridgeError('the file ends in the middle: it was cut off', {
      code: 'workflow-truncated',
      hint: 'Download or copy it again, completely.',
    })
  }
  const where =
    line === undefined ? 'the file is not JSON' : `the file is not JSON (line ${line}, column ${column})`
  return new BridgeError(where, { code: 'workflow-not-json', hint: saveAgain })
}

/** Shell and Python texts that people share under the name of a workflow (RunningHub: files in the wild). */
function looksLikeScript(text: string): boolean {
  const start = text.slice(0, 20_000)
  return (
    /^\s*#!/.test(start) ||
    /(^|[\s;|&(`$])curl\s+(-|['"]?https?:)/m.test(start) ||
    /^\s*(import\s+\w+|from\s+\w[\w.]*\s+import|export\s+\w+=|const\s+\w+\s*=|def\s+\w+\()/m.test(start)
  )
}

/** Whether the parser stopped at the very end, with brackets or a text still open. */
function endsAt(text: string, line: number, column: number): boolean {
  let offset = 0
  for (let at = 1; at < line; at++) offset = text.indexOf('\n', offset) + 1
  const left = text.slice(offset + column - 1).trimEnd()
  return left.length <= 8 && openAtEnd(text)
}
