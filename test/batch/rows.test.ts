import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allNodes, createCatalogue } from '../../nodes/index.ts'
import { bindMapping, bindRow, fitForFile, nameOfRow } from '../../server/batch/bind.ts'
import { failedAsCsv, multiply, readLines, readTable } from '../../server/batch/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'

describe('tables', () => {
  test('are read as people have them: CSV, a spreadsheet’s copy, JSON, JSON lines', () => {
    const rows = [
      { prompt: 'a cat', seed: '1' },
      { prompt: '一只狗, "大"', seed: '18446744073709551615' },
    ]
    expect(readTable('﻿prompt,seed\r\na cat,1\r\n"一只狗, ""大""",18446744073709551615\r\n\r\n')).toEqual(rows)
    expect(readTable('prompt\tseed\na cat\t1\n"一只狗, ""大"""\t18446744073709551615')).toEqual(rows)
    const json = '[{"prompt":"a cat","seed":1},{"prompt":"一只狗, \\"大\\"","seed":18446744073709551615}]'
    expect(readTable(json)).toEqual(rows)
    expect(readTable('{"prompt":"a cat","seed":1}\n\n{"prompt":"b","seed":null}')).toEqual([
      rows[0],
      { prompt: 'b', seed: '' },
    ])
    expect(readTable('prompt\na cat\nanother')).toEqual([{ prompt: 'a cat' }, { prompt: 'another' }])
    expect(readLines('# notes\na cat\n\n b ')).toEqual([{ prompt: 'a cat' }, { prompt: 'b' }])
  })

  test.each(['', 'prompt\n', '[1]', '[{"a":[1]}]', '{"a":1}\n{"a"', 'a,a\n1,2', '{"a":1'])(
    'that cannot be read say so: %j',
    text => {
      expect(() => readTable(text)).toThrow(expect.objectContaining({ code: 'bad-rows' }))
    },
  )

  test('multiply in order, the last column fastest; too many are refused', () => {
    expect(multiply([{ p: 'a' }, { p: 'b' }], { s: ['1', '2'] })).toEqual([
      { p: 'a', s: '1' },
      { p: 'a', s: '2' },
      { p: 'b', s: '1' },
      { p: 'b', s: '2' },
    ])
    expect(multiply([], { s: ['1', '2'] })).toEqual([{ s: '1' }, { s: '2' }])
    const many = Array.from({ length: 1000 }, (_, index) => String(index))
    expect(() => multiply([], { a: many, b: many })).toThrow(/1000000 rows/)
  })

  test('no text crashes the reader', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('"', ',', '\n', '\t', '{', '[', '}', ']', 'a'))
    fc.assert(
      fc.property(fc.array(piece), pieces => {
        try {
          expect(readTable(pieces.join('')).length).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-rows' })
        }
      }),
      { numRuns: 300 },
    )
  })

  test('what failed is the next table, with the reason; no cell is a formula', () => {
    const csv = failedAsCsv(
      ['p'],
      [
        {
          ...{ index: 0, values: { p: '=1+1' }, state: 'failed', runId: null, files: [], text: null },
          ...{ taskIds: [], coins: 0, startedAt: null, finishedAt: null },
          error: { code: 'x', message: 'why', hint: 'do' },
        },
      ],
    )
    expect(csv).toBe('p,reason,what to do\r\n"\'=1+1",why,do\r\n')
  })
})

describe('binding', () => {
  const prompt: Prompt = {
    6: { class_type: 'PrimitiveStringMultiline', inputs: { value: 'x' }, _meta: { title: 'The prompt' } },
    1: { class_type: 'RHB_CloudApp', inputs: { target: '1', fields: '[]', '52.prompt': 'y' } },
    2: { class_type: 'RH_SettingsNode', inputs: { base_url: '', apiKey: '', workflowId_webappId: '' } },
    8: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'old' } },
  }
  const catalogue = createCatalogue(allNodes)
  const bind = (mapping: Record<string, string[]>) => bindMapping(mapping, prompt, ['p', 'q'], catalogue)

  test('finds nodes by id and title, and inputs with dots in their names', () => {
    expect(bind({ p: ['The prompt.value', '1.52.prompt'] })).toEqual({
      p: [
        { nodeId: '6', input: 'value' },
        { nodeId: '1', input: '52.prompt' },
      ],
    })
  })

  test.each([
    [{ z: ['6.value'] }, /no column "z"/],
    [{ p: ['66.value'] }, /names no input/],
    [{ p: ['6.valu'] }, /has no input "valu"/],
    [{ p: ['2.apiKey'] }, /takes an API key/],
    [{ p: ['6.value'], q: ['The prompt.value'] }, /both go into 6.value/],
  ])('refuses %j', (mapping, message) => {
    expect(() => bind(mapping as Record<string, string[]>)).toThrow(message)
  })

  test('a row changes its inputs and what its outputs are called, and leaves the graph as it was', () => {
    const before = JSON.stringify(prompt)
    const bound = bindRow(prompt, bind({ p: ['6.value'] }), { p: '猫' }, { folder: 'f', name: 'n' })
    expect(bound['6']?.inputs.value).toBe('猫')
    expect(bound['8']?.inputs.filename_prefix).toBe('f/n')
    expect(JSON.stringify(prompt)).toBe(before)
  })

  test('names are fit for files, whatever stands in the table', () => {
    expect(nameOfRow('{prompt}-{seed}', { prompt: '../a/b: c?', seed: '7' }, 0)).toBe('a b c -7')
    expect(nameOfRow('', {}, 4)).toBe('00005')
    expect(nameOfRow('{none}', {}, 4)).toBe('00005')
    expect(nameOfRow('{row}-{p}', { p: '猫' }, 0)).toBe('00001-猫')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const name = fitForFile(text)
        expect(name).not.toMatch(/[\\/:*?"<>|%\p{Cc}]/u)
        expect(name).not.toMatch(/^\.|[. ]$/)
        expect([...name].length).toBeLessThanOrEqual(60)
      }),
    )
  })
})

test('a column goes into a node inside a subgraph, and into a field of one in the cloud', () => {
  const prompt: Prompt = {
    '57:8': { class_type: 'PrimitiveString', inputs: { value: 'a' } },
    '1': { class_type: 'RHB_CloudWorkflow', inputs: { target: '1', fields: '[]', '57:8.text': 'a' } },
  }
  const mapping = { p: ['57:8.value', '1.57:8.text'] }
  const bound = bindMapping(mapping, prompt, ['p'], createCatalogue(allNodes))
  expect(bound.p).toEqual([
    { nodeId: '57:8', input: 'value' },
    { nodeId: '1', input: '57:8.text' },
  ])
  const row = bindRow(prompt, bound, { p: 'b' }, { folder: '', name: 'x' })
  expect(row['57:8']?.inputs.value).toBe('b')
  expect(row['1']?.inputs['57:8.text']).toBe('b')
})
