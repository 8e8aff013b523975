import { expect, test } from 'vitest'
import { codeFacts, knownCodes } from '../../server/runninghub/error-codes.ts'

/** RunningHub: error codes, in the order of its table; 0 is no error. */
const documented = [
  -1, 301, 380, 401, 412, 415, 416, 421, 423, 433, 435, 436, 500, 801, 802, 803, 804, 805, 806, 807, 808, 809,
  810, 811, 812, 813, 814, 901, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012,
  1013, 1014, 1015, 1101, 1501, 1504, 1505, 1520, 1601,
]

test('every documented code has a meaning, somebody who acts, and what to do', () => {
  expect([...knownCodes].sort((a, b) => a - b)).toEqual(documented.toSorted((a, b) => a - b))
  for (const code of documented) {
    const facts = codeFacts(code)
    expect(facts.meaning).toMatch(/^\S.*[^.]$/)
    expect(facts.hint).toMatch(/^[A-Z].*[.?]$/)
  }
})

test('a create is sent again only after codes that say that there was no room', () => {
  expect(documented.filter(code => codeFacts(code).create === 'wait')).toEqual([
    415, 421, 814, 1003, 1011, 1520,
  ])
})

test('a create is in doubt after codes that do not say whether it was carried out', () => {
  expect(documented.filter(code => codeFacts(code).create === 'unknown')).toEqual([
    500, 804, 813, 1000, 1005, 1010, 1012,
  ])
})

test('an unknown code never repeats a create and may be asked about again', () => {
  expect(codeFacts(4711)).toMatchObject({ create: 'no', query: 'again' })
})
