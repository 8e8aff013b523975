import { appendFile, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type SteadyFile, watchSteadyFiles } from '../../server/watch/steady-files.ts'
import { createFakeClock } from '../support/fake-clock.ts'

async function openFolder(
  how: { takesExisting?: boolean; isRecursive?: boolean; before?: readonly string[] } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'rh-steady-'))
  const clock = createFakeClock(Date.now())
  /** Its time is that of the clock: files written one after the other are equally old. */
  const stamp = (name: string) => utimes(join(folder, name), clock.now() / 1000, clock.now() / 1000)
  for (const name of how.before ?? []) {
    await writeFile(join(folder, name), 'old')
    await stamp(name)
  }
  const told: string[] = []
  let answer: (file: SteadyFile) => Promise<'taken' | 'again'> = async () => 'taken'
  const files = watchSteadyFiles({
    folder,
    clock,
    isRecursive: how.isRecursive ?? false,
    accepts: path => path.endsWith('.png'),
    leaveOut: [join(folder, 'out')],
    takesExisting: how.takesExisting ?? false,
    settleMs: 2_000,
    async onFile(file) {
      told.push(file.path)
      return answer(file)
    },
    onRest() {},
    onTrouble: why => void told.push(why),
  })
  onTestFinished(async () => {
    await files.close()
    await rm(folder, { recursive: true, force: true })
  })
  await files.started
  return {
    told,
    clock,
    async write(name: string, text: string) {
      await writeFile(join(folder, name), text)
      await stamp(name)
    },
    async append(name: string, text: string) {
      await appendFile(join(folder, name), text)
      await stamp(name)
    },
    path: (name: string) => join(folder, name),
    files,
    answer: (how: typeof answer) => {
      answer = how
    },
    /** Looks, as a system's event would make it, and lets time go by. */
    async pass(ms: number) {
      await files.lookAtAll()
      await clock.advance(ms)
    },
  }
}

test('a file is told of when it has stood still; one that grows is waited for', async () => {
  const it = await openFolder()
  await it.write('a.png', 'half')
  await it.pass(1_500)
  expect(it.told).toEqual([])
  await it.append('a.png', ' whole')
  await it.pass(1_500)
  expect(it.told).toEqual([])
  await it.pass(700)
  await expect.poll(() => it.told).toEqual(['a.png'])
  // Told of once, until it is another.
  await it.pass(60_000)
  expect(it.told).toEqual(['a.png'])
  await it.write('a.png', 'another one')
  await it.pass(60_000)
  await expect.poll(() => it.told).toEqual(['a.png', 'a.png'])
})

test('one that was moved in is whole at once; an empty one is about to be written', async () => {
  const it = await openFolder()
  await it.write('moved.part', 'whole')
  await utimes(it.path('moved.part'), 1_000, 1_000)
  await rename(it.path('moved.part'), it.path('moved.png'))
  await it.write('empty.png', '')
  await it.pass(400)
  await expect.poll(() => it.told).toEqual(['moved.png'])
  await it.pass(60_000)
  expect(it.told).toEqual(['moved.png'])
  await it.write('empty.png', 'no more')
  await it.pass(3_000)
  await expect.poll(() => it.told).toEqual(['moved.png', 'empty.png'])
})

test('what lies there already counts when asked for; hidden files, others and left out folders never', async () => {
  const before = ['b.png', 'a.png', '.hidden.png', 'note.txt']
  const fresh = await openFolder({ before })
  await fresh.pass(60_000)
  expect(fresh.told).toEqual([])
  const all = await openFolder({ before, takesExisting: true, isRecursive: true })
  await mkdir(join(all.path('sub'), '.x'), { recursive: true })
  await mkdir(all.path('out'))
  for (const name of ['sub/c.png', 'sub/.x/d.png', 'out/e.png']) await all.write(name, 'x')
  await all.pass(60_000)
  await expect.poll(() => all.told).toEqual(['a.png', 'b.png', 'sub/c.png'])
})

test('the system’s own event is enough; a file that changed while it was read is told of again', async () => {
  const it = await openFolder()
  let tries = 0
  it.answer(async () => (++tries < 2 ? 'again' : 'taken'))
  await it.write('a.png', 'whole')
  await expect.poll(() => it.files.waiting()).toBe(1)
  // Events of one write come one after the other, each of which begins the wait anew.
  const later = async () => {
    await it.clock.advance(3_000)
    return tries
  }
  await expect.poll(later).toBe(2)
  await expect.poll(() => it.files.waiting()).toBe(0)
})

test('a folder that goes away is told of once, and nothing breaks', async () => {
  const it = await openFolder({ before: ['a.png'] })
  await rm(it.path('.'), { recursive: true })
  await it.pass(100_000)
  await it.pass(100_000)
  expect(it.told).toEqual(['ENOENT'])
})
