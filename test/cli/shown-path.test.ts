import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { shownPath } from '../../server/cli/print.ts'

test('a path below the working directory is told from there, any other whole', () => {
  const here = process.cwd()
  expect(shownPath(join(here, 'data/output/猫.png'))).toBe(join('data/output/猫.png'))
  expect(shownPath(join(here, '..data/a.png'))).toBe('..data/a.png')
  for (const path of [join(dirname(here), 'a.png'), `${here}-2/a.png`, here])
    expect(shownPath(path)).toBe(path)
})
