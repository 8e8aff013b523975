import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseAst } from 'vite'

const root = resolve(import.meta.dirname, '../..')

/** What stands for a value when a text is put together. */
export const sample = 'Q7'

type Syntax = { readonly type: string; readonly [key: string]: unknown }

/** A text people may read, found in the source; values in it stand as {@link sample}. */
export type Message = { readonly file: string; readonly text: string }

/** Folders and files whose messages are not for people who use the product, or are another program's words. */
const leftOut = [
  // Plays RunningHub, and speaks as it does.
  /^server\/sandbox\//,
  // Python's own words for its expressions, formats and patterns; and defects of registries, told to who made them.
  /^nodes\/(text|logic)\/(python-|math-expression)/,
  /^nodes\/models\/(inputs|registry)/,
  // ComfyUI's own routes, which speak English.
  /^server\/http\/history\.ts$/,
  // The program's own faults.
  /^server\/shared\/errors\.ts$/,
]

/** Every sentence of the server and the nodes: the messages and hints of errors, problems and notices. */
export function messagesInSource(): readonly Message[] {
  return ['server', 'nodes'].flatMap(folder =>
    readdirSync(resolve(root, folder), { recursive: true, encoding: 'utf8' })
      .map(name => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts') && !leftOut.some(it => it.test(file)))
      .flatMap(file => messagesOf(file)),
  )
}

function messagesOf(file: string): readonly Message[] {
  const code = readFileSync(resolve(root, file), 'utf8')
  const found: Message[] = []
  const add = (node: unknown) => {
    for (const text of textsOf(node)) if (isSentence(text)) found.push({ file, text })
  }
  visit(parseAst(code, { lang: 'ts' }), node => {
    if (node.type === 'NewExpression' || node.type === 'CallExpression') {
      const name = nameOf(node.callee)
      const given = node.arguments as readonly Syntax[]
      if (/^(BridgeError|CloudError|NodeError|GoneError)$/.test(name)) add(given[0])
      else if (name === 'HttpError') for (const text of given.slice(2)) add(text)
      else if (/^(bad|badRows|badMap)$/.test(name)) for (const text of given.slice(0, 2)) add(text)
    }
    if (node.type === 'Property' && ['hint', 'message', 'note'].includes(nameOf(node.key))) add(node.value)
  })
  return found
}

function visit(node: unknown, see: (node: Syntax) => void): void {
  if (Array.isArray(node)) for (const item of node) visit(item, see)
  else if (typeof node === 'object' && node !== null) {
    if ('type' in node && typeof node.type === 'string') see(node as Syntax)
    for (const value of Object.values(node)) visit(value, see)
  }
}

function nameOf(node: unknown): string {
  return typeof node === 'object' && node !== null && 'name' in node ? String(node.name) : ''
}

/** All texts an expression may come to, as far as it is written there. */
function textsOf(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null || !('type' in node)) return []
  const it = node as Syntax
  switch (it.type) {
    case 'Literal':
      return typeof it.value === 'string' ? [it.value] : []
    case 'TemplateLiteral': {
      const quasis = it.quasis as readonly { value: { cooked: string } }[]
      const inside = it.expressions as readonly Syntax[]
      return quasis.reduce<readonly string[]>(
        (texts, quasi, at) => {
          const choices = inside[at] ? insideTexts(inside[at]) : ['']
          return texts.flatMap(text => choices.map(choice => `${text}${quasi.value.cooked}${choice}`))
        },
        [''],
      )
    }
    case 'ConditionalExpression':
      return [...textsOf(it.consequent), ...textsOf(it.alternate)]
    // `….trimEnd()` of a text.
    case 'CallExpression':
      return textsOf((it.callee as { object?: unknown }).object)
    case 'LogicalExpression':
      return [...textsOf(it.left), ...textsOf(it.right)]
    default:
      return []
  }
}

/** Inside a text: a choice between texts stands for both, everything else for some value. */
function insideTexts(node: Syntax): readonly string[] {
  const texts = node.type === 'ConditionalExpression' ? textsOf(node) : []
  if (texts.length > 0) return texts
  return [sample]
}

function isSentence(text: string): boolean {
  const words = text.replaceAll(sample, ' ').match(/[A-Za-z]{2,}/g) ?? []
  return words.length > 1
}
