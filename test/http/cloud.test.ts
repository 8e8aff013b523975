import { expect, test } from 'vitest'
import {
  appsSchema,
  descriptionSchema,
  knownSchema,
  readSchema,
  resourcesSchema,
} from '../../server/http/cloud-schemas.ts'
import { checkSchema } from '../../server/http/control-schemas.ts'
import { specialWorkflows } from '../../server/sandbox/index.ts'
import { openServer } from '../support/open-server.ts'
import { cloudPrompt, node, zImage } from '../support/prompts.ts'

const app = '1877265245566922753'

test('a pasted link is told what it is, with its fields; the second time nobody is asked', async () => {
  const server = await openServer()
  const text = `https://www.runninghub.cn/ai-detail/${app}`
  const first = await server.post('/bridge/cloud/read', { text })
  expect(first.status).toBe(200)
  const { pasted, found } = readSchema.strict().parse(first.json)
  expect(pasted).toMatchObject({ what: 'app', id: app })
  expect(found[0]?.fields.map(field => field.kind)).toContain('text')
  const again = readSchema.parse((await server.post('/bridge/cloud/read', { text })).json)
  expect(again.found[0]?.fetchedAt).toBe(found[0]?.fetchedAt)
  const { json } = await server.get('/bridge/cloud/known')
  expect((json as { known: unknown[] }).known.map(known => knownSchema.strict().parse(known))).toMatchObject([
    { kind: 'app', id: app, site: 'sandbox' },
  ])
})

test('a bare id is asked for as workflow and as app; a workflow tells its links', async () => {
  const server = await openServer()
  const { json } = await server.post('/bridge/cloud/read', { text: zImage })
  const { found } = readSchema.parse(json)
  expect(found.map(({ kind, id }) => `${kind} ${id}`)).toContain(`workflow ${zImage}`)
  const answer = await server.get(`/bridge/cloud/workflow/${zImage}?refresh=1`)
  const description = descriptionSchema.strict().parse(answer.json)
  expect(Object.keys(description.links).length).toBeGreaterThan(0)
  expect(description.fields.some(field => field.kind === 'seed')).toBe(true)
})

test('what the site does not have, and what is no id, is said with its reason', async () => {
  const server = await openServer()
  const unknown = await server.get(`/bridge/cloud/workflow/${specialWorkflows.workflowGone.id}`)
  expect(unknown.status).toBe(502)
  expect(unknown.json).toMatchObject({ error: { code: 'cloud-380', hint: expect.any(String) } })
  expect((await server.get('/bridge/cloud/workflow/abc')).status).toBe(400)
  expect((await server.get(`/bridge/cloud/film/${zImage}`)).status).toBe(404)
  expect(await server.post('/bridge/cloud/read', {})).toMatchObject({ status: 400 })
})

test('values alone are read without asking anybody', async () => {
  const server = await openServer()
  const text = '[{"nodeId":"6","fieldName":"text","fieldValue":18446744073709551615}]'
  const { text: answer } = await server.post('/bridge/cloud/read', { text })
  expect(answer).toContain('18446744073709551615')
  expect(answer).toContain('"found":[]')
})

test('a check tells what would put a wrong field right', async () => {
  const server = await openServer()
  await server.post('/bridge/cloud/read', { text: zImage })
  const { json } = await server.post('/bridge/check', {
    prompt: {
      ...cloudPrompt(zImage),
      2: node('RH_NodeInfoListNode', { nodeId: 3, fieldName: 'sed', fieldValue: '7' }),
    },
  })
  const [problem] = checkSchema.strict().parse(json).problems
  expect(problem).toMatchObject({
    ...{ nodeId: '2', input: 'fieldName', code: 'cloud-field-unknown' },
    fix: { fieldName: 'seed' },
  })
})

test('apps and models of the site are listed, found by words and by kind', async () => {
  const server = await openServer()
  const apps = async (how: string) =>
    appsSchema.strict().parse((await server.get(`/bridge/cloud/apps?${how}`)).json)
  expect((await apps('')).items.map(({ id }) => id)).toContain(app)
  expect(await apps('search=KONTEXT&sort=hottest')).toMatchObject({
    ...{ site: 'sandbox', total: 1 },
    items: [{ id: app, title: 'Flux Kontext 单图编辑', uses: 34545 }],
  })
  const resources = async (how: string) =>
    resourcesSchema.strict().parse((await server.get(`/bridge/cloud/resources?${how}`)).json)
  const ink = await resources('type=lora&name=ink&base_models=Flux.1%20D,SD%201.5&limit=2')
  expect(ink.total).toBe(3)
  expect(ink.items).toHaveLength(2)
  const national = await resources(`tags=${encodeURIComponent('国风')}`)
  expect(national.items).toMatchObject([{ name: '水墨山水', fileName: 'ink_landscape.safetensors' }])
})

test.each([
  ['/bridge/cloud/apps?sort=oldest', 'bad-sort'],
  ['/bridge/cloud/resources?type=VAE', 'bad-type'],
  ['/bridge/cloud/resources?limit=0', 'bad-limit'],
  ['/bridge/cloud/apps?limit=many', 'bad-query'],
])('%s is refused with what would be right', async (path, code) => {
  const server = await openServer()
  expect(await server.get(path)).toMatchObject({ status: 400, json: { error: { code } } })
})
