import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeBack } from '../../editor/node-types/merge.ts'

test('what nobody changed is what the file said, unknown keys and all', () => {
  const json = fc.jsonValue() as fc.Arbitrary<never>
  fc.assert(
    fc.property(json, json, (file, canvas) => {
      expect(mergeBack(file, canvas, structuredClone(canvas))).toBe(file)
    }),
  )
})

test('a changed value is taken over, its neighbours stay as they were written', () => {
  const file = { nodes: [{ id: 1, pos: { 0: 1, 1: 2 }, odd: true, widgets_values: ['a'] }], more: 1 }
  const before = { nodes: [{ id: 1, pos: [1, 2], flags: {}, widgets_values: ['a'] }], config: {} }
  const now = { nodes: [{ id: 1, pos: [1, 2], flags: {}, widgets_values: ['b'] }], config: {} }
  expect(mergeBack(file, before, now)).toEqual({
    nodes: [{ id: 1, pos: { 0: 1, 1: 2 }, odd: true, widgets_values: ['b'] }],
    more: 1,
  })
})

test('removed nodes go, new ones come last, unknown ones stay', () => {
  const file = { nodes: [{ id: 1 }, { id: 2 }, { id: 3 }] }
  const before = { nodes: [{ id: 1 }, { id: 2 }] }
  const now = { nodes: [{ id: 2 }, { id: 4 }] }
  expect(mergeBack(file, before, now)).toEqual({ nodes: [{ id: 2 }, { id: 3 }, { id: 4 }] })
})

test('links of version 0.4 are matched by their id', () => {
  const file = {
    links: [
      [1, 5, '0', 6, 9, 'IMAGE'],
      [2, 5, 0, 7, 0, 'IMAGE'],
    ],
  }
  const before = {
    links: [
      [1, 5, 0, 6, 0, 'IMAGE'],
      [2, 5, 0, 7, 0, 'IMAGE'],
    ],
  }
  const now = {
    links: [
      [1, 5, 0, 6, 0, 'IMAGE'],
      [3, 5, 0, 8, 0, 'IMAGE'],
    ],
  }
  expect(mergeBack(file, before, now)).toEqual({
    links: [
      [1, 5, '0', 6, 9, 'IMAGE'],
      [3, 5, 0, 8, 0, 'IMAGE'],
    ],
  })
})
