import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openServer, tempFolder } from '../support/open-server.ts'
import { examplePrompt } from '../support/prompts.ts'
import { python } from '../support/python.ts'

const script = fileURLToPath(new URL('documented_flow.py', import.meta.url))

test('a Python client of ComfyUI’s documented flow sees the run end and gets the pictures', async () => {
  const server = await openServer({ sandboxSpeed: 50 })
  const file = join(await tempFolder(), 'prompt.json')
  await writeFile(file, JSON.stringify(await examplePrompt('rh_text_to_image')))
  const told = JSON.parse(await python([script, new URL(server.url).host, file])) as {
    executing: (string | null)[]
    progress: number
    pictures: number[]
    status: string
  }
  expect(told.status).toBe('success')
  expect(told.executing).toContain('4')
  expect(told.executing.at(-1)).toBeNull()
  expect(told.progress).toBeGreaterThan(0)
  expect(told.pictures).toHaveLength(4)
})
