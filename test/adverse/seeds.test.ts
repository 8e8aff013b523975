import { expect, test } from 'vitest'
import { playSeed } from './seeded-run.ts'

/** `npm run torture:seeds` plays 10,000; here as many as fit. */
const seconds = 10
const atLeast = 50

test(`as many seeded bad days as fit into ${seconds} s: nothing paid twice, nothing lost, no run hangs, every end explained`, async () => {
  const until = performance.now() + seconds * 1000
  let seed = 0
  while (seed < atLeast || performance.now() < until) {
    const { wrong } = await playSeed(++seed)
    expect(wrong, `play it again with: node scripts/seeded-runs.ts --seed ${seed}`).toEqual([])
  }
  console.log(`${seed} seeds`)
})
