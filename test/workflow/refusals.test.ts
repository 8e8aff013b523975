import { describe, expect, test } from 'vitest'
import { cpuTime } from '../support/cpu-time.ts'
import { packedChunk, png, read, refusal, textChunk } from './support.ts'

describe('what is no workflow', () => {
  test.each([
    ['an empty file', '', 'workflow-empty'],
    ['only white space', ' \n\t', 'workflow-empty'],
    ['a web page', '<!DOCTYPE html><html><body>404</body></html>', 'workflow-html'],
    ['XML', '<?xml version="1.0"?><a/>', 'workflow-not-json'],
    ['plain text', 'hello there', 'workflow-not-json'],
    ['a misplaced comma', '{"nodes": [,], "links": []}', 'workflow-not-json'],
    ['cut off after a bracket', '{"nodes": [{"id": 1, "type": "No', 'workflow-truncated'],
    ['cut off in a list', '{"nodes": [1, 2', 'workflow-truncated'],
    ['cut off in a word', '{"nodes": [tru', 'workflow-truncated'],
    ['a shell script', '#!/bin/sh\ncurl https://www.runninghub.cn', 'workflow-script'],
    ['a curl call', "# run it\ncurl --location 'https://x' --data '{\"a\": 1}'", 'workflow-script'],
    ['a list', '[1, 2, 3]', 'workflow-unrecognised'],
    ['an empty object', '{}', 'workflow-unrecognised'],
    ['null', 'null', 'workflow-unrecognised'],
    ['node templates', '{"templates": [{"name": "a", "data": "{}"}]}', 'workflow-unrecognised'],
    ['a package.json', '{"name": "x", "version": "1.0.0", "dependencies": {}}', 'workflow-unrecognised'],
    ['React Flow', '{"nodes": [{"id": "1", "type": "a"}], "edges": []}', 'workflow-unrecognised'],
    ['an API body', '{"apiKey": "a", "nodeInfoList": []}', 'workflow-unrecognised'],
  ])('%s is refused with its own code and a hint', (_name, text, code) => {
    const error = refusal(text)
    expect(error.code).toBe(code)
    expect(error.hint).toBeTruthy()
    expect(error.message).not.toMatch(/\n|SyntaxError/)
    expect(error.cause).toBeUndefined()
  })

  test('the sentence says what the file looks like', () => {
    expect(refusal('{"templates": []}').message).toContain('node templates')
    expect(refusal('[1]').message).toContain('a list of 1 entries')
    expect(refusal('{"name":"x","scripts":{}}').message).toContain('package.json')
  })

  test('the place of a mistake is named, and nothing of the text is quoted', () => {
    const key = '0123456789abcdef0123456789abcdef'
    const error = refusal(`{"nodes": [],\n "apiKey": ${key}, "links": []}`)
    expect(error.message).toContain('line 2')
    expect(JSON.stringify([error.message, error.hint, String(error.cause)])).not.toContain(key.slice(0, 8))
  })

  test.each([
    ['JPEG', [0xff, 0xd8, 0xff, 0xe0, 0, 16], 'JPEG'],
    ['WEBP', [...Buffer.from('RIFF\0\0\0\0WEBPVP8 ')], 'WEBP'],
    ['MP4', [0, 0, 0, 24, ...Buffer.from('ftypisom')], 'MP4'],
    ['ZIP', [0x50, 0x4b, 3, 4, 0, 0], 'ZIP'],
    ['something else', [1, 2, 0, 0xff, 0xfe], 'binary'],
  ])('the bytes of a %s are named', (_name, bytes, word) => {
    const error = refusal(new Uint8Array(bytes))
    expect(error.code).toBe('workflow-binary')
    expect(error.message).toContain(word)
  })

  test('a file over the limit is refused before it is parsed', () => {
    expect(refusal('{"nodes": [], "links": []}', 10).code).toBe('workflow-too-big')
  })

  test('50 MB of nested lists end in one sentence, quickly', () => {
    const took = cpuTime()
    const lists = Buffer.alloc(50_000_000, '[')
    expect(refusal(new Uint8Array(lists)).code).toBe('workflow-unrecognised')
    expect(refusal(new Uint8Array(Buffer.concat([Buffer.from('{"nodes":'), lists]))).code).toBe(
      'workflow-too-deep',
    )
    // Half a second on a quiet machine; a parser that follows every bracket takes minutes.
    expect(took()).toBeLessThan(10_000)
  })

  test('a long text with a mistake after it does not overflow anything', () => {
    expect(refusal(`{"a": "${'x\\n'.repeat(3_000_000)}", NaN oops}`).code).toBe('workflow-not-json')
  })
})

describe('PNG files without a workflow', () => {
  test('an ordinary picture', () => {
    expect(refusal(png([])).code).toBe('workflow-png-without')
  })
  test('a picture of another program', () => {
    const error = refusal(png([textChunk('parameters', 'a cat, Steps: 20')]))
    expect(error.code).toBe('workflow-a1111')
    expect(error.message).toContain('A1111')
    expect(error.found).toBe('a cat, Steps: 20')
  })
  test('a file that ends early', () => {
    expect(refusal(png([textChunk('workflow', '{"nodes": [], "links": []}')]).subarray(0, 60)).code).toBe(
      'workflow-png-damaged',
    )
  })
  test('a workflow text that is cut off', () => {
    expect(refusal(png([textChunk('workflow', '{"nodes": [')])).code).toBe('workflow-truncated')
  })
  test('a small file that unpacks to more than anybody writes', () => {
    const bomb = png([packedChunk('workflow', ' '.repeat(70_000_000))])
    expect(bomb.length).toBeLessThan(1_000_000)
    expect(refusal(bomb).code).toBe('workflow-too-big')
  })
})

test('a long text beside a NaN is read', () => {
  const text = `{"nodes": [{"id": 1, "type": "Note", "widgets_values": [NaN, -Infinity, "${'\\n NaN'.repeat(2_000_000)}"]}], "links": []}`
  const { report, workflow } = read(text)
  expect(report.notices[0]?.message).toContain('2 times')
  expect(workflow?.nodes).toMatchObject([{ widgets_values: [null, null, expect.stringContaining('NaN')] }])
})
