import { describe, expect, test } from 'vitest'
import {
  isPlaceholderKey,
  keyReference,
  lastFour,
  looksLikeKey,
  referencedKey,
  sandboxKey,
  scrub,
} from '../../server/shared/secrets.ts'

const key = '0123456789abcdef0123456789abcdef'

describe('scrub', () => {
  test('every copy of a secret is reduced to its last four characters', () => {
    expect(scrub(`a ${key} b ${key}`, [key])).toBe('a …cdef b …cdef')
  })

  test('the form a secret has in an address is found too', () => {
    const odd = 'a key/with+signs&more'
    expect(scrub(`/x?apiKey=${encodeURIComponent(odd)}`, [odd])).toBe('/x?apiKey=…more')
  })

  test('secrets too short to be any are left, so that words survive', () => {
    expect(scrub('a cat sat', ['cat'])).toBe('a cat sat')
    expect(scrub('a cat sat', [''])).toBe('a cat sat')
  })

  test('characters that mean something in patterns are nothing special', () => {
    expect(scrub('x $&.*+?^() y', ['$&.*+?^()'])).toBe('x … y')
    expect(scrub('the key is secret-$&', ['secret'])).toBe('the key is …-$&')
  })
})

test.each([
  [''],
  ['   '],
  ['YOUR_API_KEY'],
  ['your-api-key'],
  ['Your RunningHub key'],
  ['<API_KEY>'],
  ['<key:mine>'],
  [`\${RUNNINGHUB_API_KEY}`],
  ['{{apiKey}}'],
  ['xxxxxxxxxxxxxxxx'],
  ['XXXX'],
  ['********'],
  ['...'],
  ['api_key'],
  ['apiKey'],
  ['key'],
  ['None'],
  ['null'],
  ['undefined'],
  ['enter your key here'],
  ['paste-key'],
])('%j says no key', text => {
  expect(isPlaceholderKey(text)).toBe(true)
})

test.each([[key], [sandboxKey], ['a-key'], ['yourself0123456789'], ['nonesuch'], ['keyring-7']])(
  '%j is a key somebody meant',
  text => {
    expect(isPlaceholderKey(text)).toBe(false)
  },
)

test.each([
  [key, true],
  [key.toUpperCase(), true],
  [` ${key}\n`, true],
  ['aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF', true],
  ['abcdefghijklmnopqrstuvwxyzabcdef', false],
  [key.slice(1), false],
  [`${key}0`, false],
  [`api/${key}`, false],
  ['a sentence of thirty-two letters', false],
  ['', false],
])('%j has the form of a key: %s', (text, answer) => {
  expect(looksLikeKey(text)).toBe(answer)
})

test('a reference names its key, whatever stands around it, and nothing else does', () => {
  expect(referencedKey(` ${keyReference('work 2')} `)).toBe('work 2')
  for (const text of ['<key:>', 'key:a', '<key:a><key:b>', `${keyReference('a')} b`, key]) {
    expect(referencedKey(text)).toBeUndefined()
  }
})

test('the last four characters are shown of long keys only', () => {
  expect(lastFour(key)).toBe('…cdef')
  expect(lastFour('short-key')).toBe('…')
})
