import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordStep, redoStep, startHistory, undoStep } from '../../editor/state/history.ts'

test('undoing all leads back to the start, redoing all to the end', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 120 }), steps => {
      const end = steps.reduce(recordStep, startHistory('start'))
      const walk = <T>(value: T, step: (value: T) => T): T => {
        const next = step(value)
        return next === value ? value : walk(next, step)
      }
      const back = walk(end, undoStep)
      expect(back.present).toBe('start')
      expect(walk(back, redoStep).present).toBe(end.present)
    }),
  )
})

test('the same snapshot is no step, and a new step forgets what was undone', () => {
  const one = recordStep(startHistory('a'), 'b')
  expect(recordStep(one, 'b')).toBe(one)
  expect(recordStep(undoStep(one), 'c')).toMatchObject({ past: ['a'], present: 'c', future: [] })
})
