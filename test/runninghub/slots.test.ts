import { expect, test } from 'vitest'
import { createFastClock, openCloud, sdxl } from './support.ts'

test('tasks of one key run no more at a time than its concurrency', async () => {
  const cloud = await openCloud({ clock: createFastClock(50), speed: 1 })
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () => cloud.runToEnd(sdxl, { concurrency: 2 })),
  )
  for (const { error } of outcomes) expect(error).toBeUndefined()
  const tasks = cloud.sandbox.tasks()
  expect(tasks).toHaveLength(5)
  for (const task of tasks) {
    const atOnce = tasks.filter(
      other => other.createdAt <= task.createdAt && (other.endedAt ?? 0) > task.createdAt,
    )
    expect(atOnce.length).toBeLessThanOrEqual(2)
  }
  expect(outcomes.flatMap(({ events }) => events).filter(event => event.type === 'slot-awaited').length).toBe(
    3,
  )
})
