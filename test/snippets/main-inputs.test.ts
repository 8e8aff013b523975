import { expect, test } from 'vitest'
import { allNodes, createCatalogue } from '../../nodes/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { makeSnippets } from '../../server/snippets/index.ts'
import { mainInputs } from '../../server/snippets/main-inputs.ts'
import { examplePrompt, node } from '../support/prompts.ts'

const catalogue = createCatalogue(allNodes)
const definitionOf = (type: string) => catalogue.find(type)?.definition
const namesOf = (prompt: Prompt) =>
  mainInputs(prompt, definitionOf).map(({ name, nodeId, input }) => `${name} ${nodeId}.${input}`)
const place = {
  dataDir: '/data',
  inputDir: '/data/input',
  outputDir: '/elsewhere',
  allowDirs: ['/films'],
  sandbox: 'on',
  flags: {},
} as const
const snippetsOf = (
  prompt: Prompt,
  more: { secrets?: string[]; isWindows?: boolean; needsToken?: boolean } = {},
) =>
  makeSnippets({
    ...{ prompt, definitionOf, place, server: 'http://127.0.0.1:1', file: '/data/workflows/a b.json' },
    ...{ needsToken: false, secrets: [], ...more },
  })

test('texts, media, seeds and plain values are what people change; how to run is not', async () => {
  expect(namesOf(await examplePrompt('rh_text_to_image'))).toEqual([
    'seed 3.fieldValue',
    'prompt_text 6.value',
  ])
  const app = node('RHB_CloudApp', { target: '1', fields: '[]', '52.prompt': 'a hat', '39.image': 'cat.png' })
  expect(namesOf({ 1: app })).toEqual(['prompt_text 1.52.prompt', 'image 1.39.image'])
})

test('names are words no language has taken, each once, whatever the titles are', () => {
  const text = (title: string) => ({ ...node('PrimitiveString', { value: title }), _meta: { title } })
  const titles = ['class', 'Höhe des Bilds', '提示词', '2nd seed', 'class', '"; rm -rf / #\n*/', '__proto__']
  const nodes = titles.map((title, at) => [`${at + 1}`, text(title)] as const)
  const previews = titles.map(
    (_, at) => [`1${at + 1}`, node('PreviewAny', { source: [`${at + 1}`, 0] })] as const,
  )
  const inputs = mainInputs(Object.fromEntries([...nodes, ...previews]), definitionOf)
  expect(inputs.map(({ name }) => name)).toEqual([
    'class_text',
    'hohe_des_bilds',
    'value_text',
    'nd_seed',
    'class_text_2',
    'rm_rf',
    'proto',
  ])
  for (const { label } of inputs) expect(label).not.toMatch(/[\r\n\u2028]/)
})

test('what no output needs is left alone, and a big graph names only the first dozen', () => {
  const many: Record<string, Prompt[string]> = { lonely: node('PrimitiveString', { value: 'x' }) }
  for (let at = 1; at <= 30; at++) {
    many[`t${at}`] = node('PrimitiveStringMultiline', { value: String(at) })
    many[`p${at}`] = node('PreviewAny', { source: [`t${at}`, 0] })
  }
  const names = namesOf(many)
  expect(names).toHaveLength(12)
  expect(names.join()).not.toContain('lonely')
})

test('a key that stands in a text leaves in none of them; a token is asked of the environment', () => {
  const secret = 'not-a-real-key-of-a-snippet-0002'
  const prompt = {
    1: node('PrimitiveString', { value: `my key is ${secret}` }),
    2: node('PreviewAny', { source: ['1', 0] }),
  }
  const snippets = snippetsOf(prompt, { secrets: [secret], needsToken: true })
  for (const text of Object.values(snippets)) expect(text).not.toContain(secret)
  expect(snippets.curl).toContain('Bearer $RH_BRIDGE_TOKEN')
  expect(snippets.python).toContain('os.environ["RH_BRIDGE_TOKEN"]')
})

test('programs work where this one does; Windows gets one line', () => {
  const prompt = { 1: node('PreviewAny', { source: 'x' }) }
  const { typescript, cli } = snippetsOf(prompt)
  expect(typescript).toContain('outputDir: "/elsewhere"')
  expect(typescript).toContain('allowDir: ["/films"]')
  expect(cli).toContain('--output-dir /elsewhere --allow-dir /films --sandbox on')
  expect(snippetsOf(prompt, { isWindows: true }).cli).toMatch(
    / run --data-dir \/data .* "\/data\/workflows\/a b.json"\n$/,
  )
})
