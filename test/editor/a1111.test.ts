import { expect, test } from 'vitest'
import { readA1111 } from '../../editor/node-types/index.ts'

test.each([
  ['a cat\nNegative prompt: blurry\nSteps: 20, Sampler: Euler', 'a cat', 'blurry'],
  ['a cat,\r\nin the snow\r\nSteps: 20', 'a cat,\nin the snow', ''],
  ['Negative prompt: blurry\nSteps: 20', '', 'blurry'],
  ['Steps: to the door\nNegative prompt: x\nSteps: 8', 'Steps: to the door', 'x'],
  ['only words', 'only words', ''],
  ['', '', ''],
])('%j -> prompt and negative prompt', (text, prompt, negative) => {
  expect(readA1111(text)).toEqual({ prompt, negative })
})
