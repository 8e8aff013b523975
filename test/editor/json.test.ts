import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cloneJson, jsonEqual, parseJson, writeJson } from '../../editor/api/json.ts'

test('64-bit numbers survive reading and writing, digit for digit', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), number => {
      const text = `{"seed":${number},"list":[-${number}]}`
      expect(writeJson(parseJson(text))).toBe(number === 0n ? '{"seed":0,"list":[0]}' : text)
    }),
  )
})

test('doubles stay doubles', () => {
  expect(writeJson(parseJson('{"a":1e30,"b":0.1,"c":1234567890123456.5}'))).toBe(
    '{"a":1e+30,"b":0.1,"c":1234567890123456.5}',
  )
})

test('equality counts what is written: a key of undefined is none, 0 and 0n differ', () => {
  expect(jsonEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true)
  expect(jsonEqual({ a: [1, { b: 2n }] }, { a: [1, { b: 2n }] })).toBe(true)
  expect(jsonEqual({ a: 0 }, { a: 0n })).toBe(false)
  expect(jsonEqual([1], [1, 2])).toBe(false)
})

test('a copy shares nothing, and every key of a file is data: __proto__ too', () => {
  const file = parseJson(
    '{"nodes":[{"id":1,"seed":18446744073709551615,"__proto__":{"kept":true}}],"extra":null}',
  )
  const copy = cloneJson(file)
  expect(copy).toEqual(file)
  expect(writeJson(copy)).toBe(writeJson(file))
  expect(writeJson(copy)).toContain('"seed":18446744073709551615,"__proto__":{"kept":true}')
  ;(copy as { nodes: object[] }).nodes.length = 0
  expect((file as { nodes: object[] }).nodes).toHaveLength(1)
})
