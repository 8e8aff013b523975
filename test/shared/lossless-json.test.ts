import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../server/shared/errors.ts'
import { parseJson, rawNumber, toAscii, writeJson } from '../../server/shared/lossless-json.ts'

function refusal(text: string): BridgeError {
  try {
    parseJson(text)
  } catch (error) {
    if (error instanceof BridgeError) return error
    throw error
  }
  throw new Error('it was parsed')
}

/** Everything a reader of an error may print: message, hint and the whole chain of causes. */
function everythingSaid(error: unknown): string {
  const parts: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) parts.push(at.message, at.stack ?? '')
  return parts.join('\n')
}

describe('whole numbers', () => {
  test.each([
    ['18446744073709551615'],
    ['1877265245566922753'],
    ['-9223372036854775808'],
    ['9007199254740993'],
  ])('%s comes back digit for digit', digits => {
    expect(writeJson(parseJson(`{"seed":${digits}}`))).toBe(`{"seed":${digits}}`)
  })

  test('any 64-bit integer survives, wherever it stands', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), value => {
        const text = `{"a":[${value},{"b":${value}}],"c":"${value}"}`
        expect(writeJson(parseJson(text))).toBe(text)
      }),
    )
  })

  test('any JSON value survives parsing and writing', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), text => {
        expect(writeJson(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  test('small whole numbers, fractions and exponents stay numbers', () => {
    expect(parseJson('[1, 9007199254740991, 0.12345678901234568, 1e30, 1.0]')).toEqual([
      1, 9007199254740991, 0.12345678901234568, 1e30, 1,
    ])
    expect(parseJson('9007199254740992')).toBe(9007199254740992n)
  })

  test('a raw number goes out as it was written', () => {
    expect(writeJson({ webappId: rawNumber('1877265245566922753') })).toBe('{"webappId":1877265245566922753}')
  })

  test('digits inside a text stay text', () => {
    expect(parseJson('["1877265245566922753"]')).toEqual(['1877265245566922753'])
  })
})

describe("Python's numbers", () => {
  test('bare NaN and Infinity become null', () => {
    expect(parseJson('{"a":NaN,"b":[-Infinity,Infinity],"c":18446744073709551615}')).toEqual({
      a: null,
      b: [null, null],
      c: 18446744073709551615n,
    })
  })

  test('the same words inside texts are left alone', () => {
    expect(parseJson('{"say \\"NaN":"NaN, -Infinity","x":NaN}')).toEqual({
      'say "NaN': 'NaN, -Infinity',
      x: null,
    })
  })

  test('they are replaced in a text of 24 MB too', () => {
    const long = 'x\\"'.repeat(8_000_000)
    const parsed = parseJson(`{"long":"${long}","value":NaN}`)
    expect(parsed).toMatchObject({ value: null })
  })
})

describe('what cannot be parsed', () => {
  test.each([
    ['', 'json-empty'],
    [' \n\t', 'json-empty'],
    ['\ufeff', 'json-empty'],
    ['{"a":1', 'json-truncated'],
    ['{"a":1,', 'json-truncated'],
    ['{"a":"unfinished', 'json-truncated'],
    ['{"a', 'json-truncated'],
    ['[1, 2', 'json-truncated'],
    ['{"a":1}}', 'json-invalid'],
    ['{a:1}', 'json-invalid'],
    ['<html></html>', 'json-invalid'],
    ["{'a':1}", 'json-invalid'],
  ])('%j is %s', (text, code) => {
    expect(refusal(text).code).toBe(code)
  })

  test('every cut of a JSON object is called cut off', () => {
    const whole = '{"nodes":[{"id":1,"title":"a \\"b\\" ü","values":[1.5,true,null,{}]}],"links":[]}'
    for (let length = 1; length < whole.length; length++) {
      const { code } = refusal(whole.slice(0, length))
      expect(`${length}: ${code}`).toBe(`${length}: json-truncated`)
    }
  })

  test('a mistake is told by line and column', () => {
    expect(refusal('{\n  "a": 1\n  "b": 2\n}').message).toContain('line 3, column 3')
  })

  test('the text itself is quoted nowhere, causes included', () => {
    const key = '0123456789abcdef0123456789abcdef'
    for (const text of [`{"k":"${key}" oops}`, `${key}`, `{"k":"${key}`, `{"k": ${key}}`]) {
      const said = everythingSaid(refusal(text))
      for (let at = 0; at + 8 <= key.length; at++) expect(said).not.toContain(key.slice(at, at + 8))
    }
  })

  test('nesting is followed 512 levels deep and no further', () => {
    expect(parseJson('['.repeat(512) + ']'.repeat(512))).toHaveLength(1)
    expect(refusal('['.repeat(513) + ']'.repeat(513)).code).toBe('json-too-deep')
    expect(refusal('{"a":'.repeat(600)).code).toBe('json-too-deep')
  })

  test('brackets inside texts are no nesting', () => {
    expect(parseJson(JSON.stringify(['['.repeat(2000)]))).toHaveLength(1)
  })
})

test('a byte order mark is skipped', () => {
  expect(parseJson('\ufeff{"a":1}')).toEqual({ a: 1 })
})

test('a member called __proto__ is an ordinary member', () => {
  const parsed = parseJson('{"__proto__":{"polluted":true}}')
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect(writeJson(parsed)).toBe('{"__proto__":{"polluted":true}}')
})

test('what has no JSON is written as null', () => {
  expect(writeJson(undefined)).toBe('null')
  expect(writeJson({ a: Number.NaN, b: undefined, c: 5n })).toBe('{"a":null,"c":5}')
  expect(writeJson({ a: 1 }, 2)).toBe('{\n  "a": 1\n}')
})

test('ASCII JSON reads the same and holds nothing but ASCII', () => {
  const value = { 提示词: 'a — ü 😀' }
  const text = toAscii(writeJson(value))
  expect(text).toMatch(/^[\x20-\x7e]*$/)
  expect(parseJson(text)).toEqual(value)
})
