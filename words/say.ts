import { codeSentences } from './codes.ts'
import type { Language } from './language.ts'
import { cloudZh } from './zh/cloud.ts'
import { commandsZh } from './zh/commands.ts'
import { filesZh } from './zh/files.ts'
import { nodesZh } from './zh/nodes.ts'
import { runsZh } from './zh/runs.ts'
import { serverZh } from './zh/server.ts'

/**
 * One sentence in both languages. `{name}` stands for anything, `{#name}` for one word; what `{@name}` stands for is a sentence of its
 * own.
 */
export type Sentence = readonly [en: string, zh: string]

type Form = { readonly pattern: RegExp; readonly zh: string; readonly names: readonly string[] }

/** English as the program writes it -> Chinese. The English is the key, as in gettext: a test finds what has no Chinese. */
const sentences: readonly Sentence[] = [
  ...codeSentences,
  ...cloudZh,
  ...commandsZh,
  ...filesZh,
  ...nodesZh,
  ...runsZh,
  ...serverZh,
]

let read: { whole: ReadonlyMap<string, string>; forms: readonly Form[] } | undefined

/**
 * What the program says, in a language. What has no Chinese stays as it is, which is better than nothing; so do the lines after the
 * first, which are another program's (a traceback).
 */
export function say(text: string, language: Language): string {
  if (language === 'en') return text
  const [, first = '', rest = ''] = /^([^\n]*)([\s\S]*)$/.exec(text) ?? []
  return `${inChinese(first) ?? first}${rest}`
}

function inChinese(text: string): string | undefined {
  // Where to look, at the end of what to do.
  const [, before, address] = /^([\s\S]+) (https?:\/\/[^\s/]+\/\S*[^\s.])$/.exec(text) ?? []
  if (before !== undefined) {
    const said = inChinese(before)
    return said && `${said} ${address}`
  }
  const [, body = '', end = ''] = /^([\s\S]*?)(\.?)$/.exec(text) ?? []
  const one = phrase(body)
  if (one !== undefined) return closed(one, end)
  const parts = text.split(/(?<=[.?]) (?=[A-Z"])/)
  if (parts.length > 1) {
    const said = parts.map(inChinese)
    if (said.every(part => part !== undefined)) return said.join('')
  }
  const filled = fill(body)
  if (filled !== undefined) return closed(filled, end)
  return parts.length > 1 ? parts.map(part => inChinese(part) ?? part).join('') : undefined
}

function phrase(body: string): string | undefined {
  read ??= readSentences()
  return read.whole.get(body)
}

function fill(body: string): string | undefined {
  read ??= readSentences()
  for (const { pattern, zh, names } of read.forms) {
    const found = pattern.exec(body)
    if (!found) continue
    const values = new Map(names.map((name, at) => [name, found[at + 1] ?? '']))
    return zh.replace(/\{([@#]?\w+)\}/g, (whole, name: string) => {
      const value = values.get(name)
      if (value === undefined) return whole
      return name.startsWith('@') ? (inChinese(value) ?? value) : value
    })
  }
  return undefined
}

function closed(text: string, end: string): string {
  return end === '' || /[。？！：）]$/.test(text) ? text : `${text}。`
}

/** The longest words first: what says more is tried before what fits anything. */
function readSentences(): NonNullable<typeof read> {
  const open = (text: string) => text.replace(/\.$/, '')
  const isForm = (text: string) => /\{[@#]?\w+\}/.test(text)
  const whole = new Map(
    sentences.filter(([en]) => !isForm(en)).map(([en, zh]) => [open(en), zh.replace(/。$/, '')]),
  )
  const forms = sentences
    .filter(([en]) => isForm(en))
    .map(([en, zh]) => ({ en: open(en), zh: zh.replace(/。$/, '') }))
    .toSorted((a, b) => fixedLength(b.en) - fixedLength(a.en))
    .map(({ en, zh }) => {
      const names = [...en.matchAll(/\{([@#]?\w+)\}/g)].map(([, name = '']) => name)
      const between = en.split(/\{[@#]?\w+\}/).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      const pattern = between.reduce(
        (made, part, at) => `${made}${names[at - 1]?.startsWith('#') ? '(\\S+)' : '(.*?)'}${part}`,
      )
      return { pattern: new RegExp(`^${pattern}$`), zh, names }
    })
  return { whole, forms }
}

function fixedLength(en: string): number {
  return en.replace(/\{[@#]?\w+\}/g, '').length
}
