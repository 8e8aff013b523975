import { expect, test } from 'vitest'
import { CloudError } from '../../server/runninghub/index.ts'
import { registerAsset } from '../../server/wiring/remote-assets.ts'
import { createHastyClock } from '../runninghub/support.ts'

const lost = new CloudError('no answer', { code: 'cloud-no-answer', created: 'no', askAgain: true })

/** A site that tells these states one after the other, the last for ever. */
function register(states: readonly (string | Error)[]) {
  const asked: string[] = []
  const clock = createHastyClock()
  let now = 0
  const client = {
    async asset(action: 'create' | 'query') {
      const state = states[Math.min(asked.length, states.length - 1)]
      asked.push(action)
      if (state instanceof Error) throw state
      return { assetId: 'a1', status: state ?? '', kind: 'Video', previewUrl: '', response: '{}' }
    },
  }
  const context = { signal: new AbortController().signal, report() {} }
  const media = { kind: 'Video', url: 'https://a.test/a.mp4' } as const
  // Two seconds pass with each look.
  const watch = { ...clock, now: () => (now += 1_000) }
  return { asked, done: registerAsset(media, client, watch, context) }
}

test('an asset is waited for until it can be used', async () => {
  const { asked, done } = register(['PROCESSING', 'PROCESSING', 'Active'])
  expect(await done).toMatchObject({ assetId: 'a1', status: 'Active', kind: 'Video' })
  expect(asked).toEqual(['create', 'query', 'query'])
})

test('one that cannot be taken in, or takes too long, is told with its id', async () => {
  await expect(register(['PROCESSING', 'FAILED']).done).rejects.toMatchObject({ code: 'asset-failed' })
  const slow = register(['PROCESSING'])
  await expect(slow.done).rejects.toMatchObject({
    code: 'asset-not-ready',
    message: expect.stringContaining('a1'),
  })
  expect(slow.asked.length).toBeGreaterThan(100)
})

test('a few looks may go wrong; the create is sent once', async () => {
  const { asked, done } = register(['PROCESSING', lost, lost, 'READY'])
  expect(await done).toMatchObject({ status: 'READY' })
  expect(asked.filter(action => action === 'create')).toHaveLength(1)
  await expect(register(['PROCESSING', lost]).done).rejects.toBe(lost)
  await expect(register([lost]).done).rejects.toBe(lost)
})
