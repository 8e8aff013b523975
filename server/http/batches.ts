import type { Router } from 'express'
import type { z } from 'zod'
import {
  type BatchWish,
  failedAsCsv,
  maxSheetRows,
  multiply,
  type Row,
  type RowState,
  readLines,
  readTable,
  rowsAsCsv,
  sheetAsHtml,
  sheetAsPng,
} from '../batch/index.ts'
import type { JsonValue } from '../shared/lossless-json.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { HttpError, query, queryInteger, readObject, sendJson } from './answer.ts'
import { batchChangeSchema, batchWishSchema, tableWishSchema } from './batch-schemas.ts'
import type { Services } from './services.ts'

/** Graphs over tables: planned, run, paused, and what became of every row. */
export function addBatchRoutes(router: Router, { bridge, batches }: Services): void {
  router.post('/batches', async (request, response) => {
    const wish = await readWish(await readObject(request))
    const left = new AbortController()
    response.on('close', () => left.abort())
    const { id, checked, checkedRows, problems } = await batches.plan(wish, {
      all: wish.onlyPlan,
      signal: left.signal,
    })
    const estimate = await bridge.estimate(checked)
    const plan = { rows: wish.rows.length, estimate, checkedRows, problems }
    if (wish.onlyPlan) return sendJson(response, { id, plan, batch: null })
    batches.add(wish)
    if (wish.start) void batches.start(id)
    sendJson(response, { id, plan, batch: batches.summary(id) })
  })

  router.post('/tables', async (request, response) => {
    const wish = tableWishSchema.safeParse(await readObject(request))
    if (!wish.success) throw badWish(wish.error)
    const rows = wish.data.as === 'lines' ? readLines(wish.data.text) : readTable(wish.data.text)
    const columns = [...new Set(rows.flatMap(row => Object.keys(row)))]
    sendJson(response, { columns, rows: rows.map(row => columns.map(column => row[column] ?? '')) })
  })

  router.get('/batches', (_request, response) => sendJson(response, { batches: batches.list() }))

  router.get('/batches/:id', (request, response) => sendJson(response, batches.summary(request.params.id)))

  router.patch('/batches/:id', async (request, response) => {
    const { id } = request.params
    const facts = batchChangeSchema.safeParse(await readObject(request))
    if (!facts.success) throw badWish(facts.error)
    const { parallel, capCoins } = facts.data
    batches.change(id, {
      ...(parallel !== undefined && { parallel }),
      ...(capCoins !== undefined && { capCoins }),
    })
    sendJson(response, batches.summary(id))
  })

  router.delete('/batches/:id', async (request, response) => {
    await batches.remove(request.params.id)
    sendJson(response, { removed: true })
  })

  router.post('/batches/:id/:what', async (request, response) => {
    const { id, what } = request.params
    if (what === 'pause') await batches.pause(id)
    else if (what === 'stop') await batches.stop(id)
    else if (what === 'retry') {
      batches.retry(id)
      void batches.start(id)
    } else if (what === 'start' || what === 'resume') void batches.start(id)
    else
      throw new HttpError(
        404,
        'not-found',
        `A batch cannot "${what}".`,
        'Use start, pause, resume, stop or retry.',
      )
    sendJson(response, batches.summary(id))
  })

  router.get('/batches/:id/rows', (request, response) => {
    const state = states.find(one => one === query(request, 'state'))
    const offset = Math.max(0, queryInteger(request, 'offset') ?? 0)
    const limit = Math.min(1000, Math.max(1, queryInteger(request, 'limit') ?? 200))
    const page = { offset, limit, ...(state && { state }) }
    sendJson(response, { rows: batches.rows(request.params.id, page) })
  })

  router.get('/batches/:id/results.csv', (request, response) => {
    const { id } = request.params
    const rows = batches.rows(id, { offset: 0, limit: Number.MAX_SAFE_INTEGER })
    response
      .type('text/csv')
      .attachment(`${id}.csv`)
      .send(rowsAsCsv(batches.columns(id), rows))
  })

  router.get('/batches/:id/failed.csv', (request, response) => {
    const { id } = request.params
    const rows = batches.rows(id, { offset: 0, limit: Number.MAX_SAFE_INTEGER, state: 'failed' })
    response
      .type('text/csv')
      .attachment(`${id}.failed.csv`)
      .send(failedAsCsv(batches.columns(id), rows))
  })

  router.get('/batches/:id/sheet.html', async (request, response) => {
    const { id } = request.params
    const rows = batches.rows(id, { offset: 0, limit: maxSheetRows })
    const { title } = batches.summary(id)
    const page = await sheetAsHtml(title, batches.columns(id), rows, new AbortController().signal)
    response.attachment(`${id}.html`).type('text/html').send(page)
  })

  router.get('/batches/:id/sheet.png', async (request, response) => {
    const { id } = request.params
    const rows = batches.rows(id, { offset: 0, limit: maxSheetRows })
    response.type('image/png').send(await sheetAsPng(rows, new AbortController().signal))
  })

  async function readWish(
    body: Record<string, JsonValue>,
  ): Promise<BatchWish & { start: boolean; onlyPlan: boolean }> {
    const parsed = batchWishSchema.safeParse(body)
    if (!parsed.success) throw badWish(parsed.error)
    const { rows, csv, matrix, mapping, title, name, parallel, capCoins, start, plan } = parsed.data
    const { prompt, workflow } = await bridge.importFile(writeJson(body.workflow ?? body.prompt))
    const table: readonly Row[] = csv === undefined ? rows : readTable(csv)
    return {
      title,
      prompt,
      rows: multiply(table, matrix),
      mapping,
      name,
      parallel,
      start,
      onlyPlan: plan,
      ...(workflow !== undefined && workflow !== null && { workflow: workflow as JsonValue }),
      ...(capCoins !== undefined && { capCoins }),
    }
  }
}

const states: readonly RowState[] = ['waiting', 'running', 'done', 'failed']

function badWish(error: z.ZodError): HttpError {
  const [issue] = error.issues
  const where = issue?.path.join('.') ?? ''
  return new HttpError(
    400,
    'bad-batch',
    `The batch is not understood: ${where} ${issue?.message ?? ''}`.trim(),
  )
}
