import { expect, test } from 'vitest'
import { batchRowsSchema, batchSchema, plannedSchema, tableSchema } from '../../server/http/batch-schemas.ts'
import { openServer } from '../support/open-server.ts'
import { cloudPrompt } from '../support/prompts.ts'

const csv = 'seed,prompt\n1,a cat\n2,一只狗\n'

test('a batch over HTTP: planned, run, told over the socket, read back as CSV and sheet, removed', async () => {
  const server = await openServer()
  const socket = await server.socket('me')
  const wish = {
    title: 'cats',
    prompt: cloudPrompt('1904136902449209346'),
    csv,
    mapping: { prompt: ['2.fieldValue'] },
  }
  const planned = await server.post('/bridge/batches', { ...wish, plan: true })
  expect(plannedSchema.strict().parse(planned.json)).toMatchObject({
    plan: { rows: 2, checkedRows: 2, problems: [] },
    batch: null,
  })
  expect((await server.get('/bridge/batches')).json).toEqual({ batches: [] })

  const started = await server.post('/bridge/batches', wish)
  const { id } = plannedSchema.strict().parse(started.json)
  await socket.until(message => {
    const { type, data } = message as { type?: string; data?: { state?: string } }
    return type === 'bridge.batch' && data?.state === 'done'
  })
  const batch = batchSchema.strict().parse((await server.get(`/bridge/batches/${id}`)).json)
  expect(batch).toMatchObject({ state: 'done', done: 2, failed: 0, columns: ['seed', 'prompt'] })
  const { rows } = batchRowsSchema.strict().parse((await server.get(`/bridge/batches/${id}/rows`)).json)
  expect(rows.map(row => row.values.prompt)).toEqual(['a cat', '一只狗'])
  expect((await server.get(`/bridge/batches/${id}/results.csv`)).text).toContain('一只狗')
  expect((await server.get(`/bridge/batches/${id}/sheet.html`)).text).toContain('data:image/webp')
  expect((await server.get(`/bridge/batches/${id}/sheet.png`)).bytes.subarray(1, 4).toString()).toBe('PNG')
  expect((await server.request(`/bridge/batches/${id}`, { method: 'DELETE' })).status).toBe(200)
  expect((await server.get(`/bridge/batches/${id}`)).status).toBe(400)
})

test('a table is read as the batch would read it', async () => {
  const server = await openServer()
  const read = async (body: unknown) =>
    tableSchema.strict().parse((await server.post('/bridge/tables', body)).json)
  expect(await read({ text: csv })).toEqual({
    columns: ['seed', 'prompt'],
    rows: [
      ['1', 'a cat'],
      ['2', '一只狗'],
    ],
  })
  expect(await read({ text: '[{"a":1},{"b":"x"}]' })).toEqual({
    columns: ['a', 'b'],
    rows: [
      ['1', ''],
      ['', 'x'],
    ],
  })
  expect(await read({ text: 'a cat, asleep\n\n一只狗', as: 'lines' })).toEqual({
    columns: ['prompt'],
    rows: [['a cat, asleep'], ['一只狗']],
  })
  expect((await server.post('/bridge/tables', { text: 'a,a\n1,2' })).json).toMatchObject({
    error: { code: 'bad-rows' },
  })
})

test('what cannot be done is refused with its reason', async () => {
  const server = await openServer()
  const wish = { prompt: cloudPrompt('1904136902449209346'), csv, mapping: { prompt: ['2.fieldValue'] } }
  for (const [body, code] of [
    [{ ...wish, prompt: undefined }, 'bad-batch'],
    [{ ...wish, mapping: { nothing: ['1.x'] } }, 'bad-map'],
    [{ ...wish, csv: 'a,a\n1,2' }, 'bad-rows'],
    [{ ...wish, csv: undefined }, 'bad-rows'],
  ] as const) {
    const answer = await server.post('/bridge/batches', body)
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ error: { code } })
  }
})
