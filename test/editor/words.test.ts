import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { en } from '../../editor/i18n/en.ts'
import { zh } from '../../editor/i18n/zh.ts'

test('both languages have the same texts with the same places for values', () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort())
  for (const [key, text] of Object.entries(en)) {
    const places = (written: string) => [...written.matchAll(/\{\w+\}/g)].map(String).sort()
    expect(places(zh[key as keyof typeof zh]), key).toEqual(places(text))
  }
})

test('every text is used', async () => {
  const root = new URL('../../editor/', import.meta.url)
  const names = (await readdir(root, { recursive: true })).filter(
    name => /\.tsx?$/.test(name) && !/i18n\/(canvas-|panels-)?(en|zh)\.ts$/.test(name),
  )
  const source = (await Promise.all(names.map(name => readFile(new URL(name, root), 'utf8')))).join('\n')
  const built = [...source.matchAll(/`([\w.]+\.)\$\{/g)].map(match => match[1] ?? '')
  const unused = Object.keys(en).filter(
    key => !source.includes(`'${key}'`) && !built.some(start => key.startsWith(start)),
  )
  expect(unused).toEqual([])
})
