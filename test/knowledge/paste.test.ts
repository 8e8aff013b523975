import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPaste } from '../../server/knowledge/index.ts'

const id = '1904136902449209346'
const cn = 'https://www.runninghub.cn'

test.each([
  ['a workflow page', `${cn}/workflow/${id}`, { what: 'workflow', id, site: cn }],
  [
    'its .ai form with a query',
    `https://www.runninghub.ai/workflow/${id}?inviteCode=x`,
    { what: 'workflow', id, site: 'https://www.runninghub.ai' },
  ],
  ['an AI app page', `${cn}/ai-detail/${id}`, { what: 'app', id, site: cn }],
  ['an app in the call page', `${cn}/call-api/api-detail/ai-app?webappId=${id}`, { what: 'app', id }],
  ['a post', `${cn}/post/${id}`, { what: 'post', id, site: cn }],
  ['words around a link', `看这个 ${cn}/ai-detail/${id} 很好用`, { what: 'app', id }],
  ['a bare id with spaces', ` ${id}\n`, { what: 'id', id }],
  ['the path of a v2 call', `${cn}/openapi/v2/run/ai-app/${id}`, { what: 'app', id, site: cn }],
])('%s', (_what, text, expected) => {
  expect(readPaste(text)).toMatchObject(expected)
})

test('a curl command gives the call, the id and the values; its key is left behind', () => {
  const key = 'k'.repeat(32)
  const pasted = readPaste(`curl --location --request POST '${cn}/task/openapi/ai-app/run' \\
--header "Content-Type: application/json" \\
--data-raw '{ "webappId": ${id}, "apiKey": "${key}",
 "nodeInfoList": [{ "nodeId": "57:8", "fieldName": "text", "fieldValue": "it'\\''s" }, { "nodeId": 5 }] }'`)
  expect(pasted).toEqual({
    what: 'app',
    id,
    site: cn,
    items: [{ nodeId: '57:8', fieldName: 'text', fieldValue: "it's" }],
  })
  expect(JSON.stringify(pasted)).not.toContain(key)
})

test('the curl of a v2 run and of a standard model', () => {
  expect(
    readPaste(`curl -X POST ${cn}/openapi/v2/run/workflow/${id} -d '{"nodeInfoList":[]}'`),
  ).toMatchObject({ what: 'workflow', id, items: [] })
  expect(
    readPaste(
      `curl ${cn}/openapi/v2/rhart-video/ltx-2.3/text-to-video -d '{"prompt":"a","apiKey":"${'k'.repeat(32)}"}'`,
    ),
  ).toEqual({ what: 'model', endpoint: 'rhart-video/ltx-2.3/text-to-video', body: { prompt: 'a' }, site: cn })
})

test('the demo of an app writes "null" for its id: the values are kept, the id is asked for', () => {
  const pasted = readPaste(
    `curl '${cn}/task/openapi/ai-app/run' --data-raw '{"webappId":"null","nodeInfoList":[{"nodeId":"6","fieldName":"text","fieldValue":"a"}]}'`,
  )
  expect(pasted).toMatchObject({ what: 'items', items: [{ nodeId: '6' }] })
})

test('JSON: a request body with its id exact, a nodeInfoList, a graph', () => {
  expect(readPaste(`{"webappId": ${id}, "nodeInfoList": []}`)).toMatchObject({ what: 'app', id })
  expect(readPaste(`{"workflowId": " ${id} "}`)).toMatchObject({ what: 'workflow', id })
  expect(readPaste('[{"nodeId":6,"fieldName":"text","fieldValue":true}]')).toEqual({
    what: 'items',
    items: [{ nodeId: '6', fieldName: 'text', fieldValue: true }],
  })
  expect(readPaste('{"3":{"class_type":"A","inputs":{}}}')).toMatchObject({ what: 'file' })
})

test('what points nowhere says why', () => {
  expect(readPaste('  ')).toEqual({ what: 'nothing', why: 'empty' })
  expect(readPaste(`https://example.com/workflow/${id}`)).toEqual({ what: 'nothing', why: 'other-site' })
  expect(readPaste(`https://runninghub.cn.example.com/workflow/${id}`)).toEqual({
    what: 'nothing',
    why: 'other-site',
  })
  expect(readPaste('https://www.runninghub.cn/')).toEqual({ what: 'nothing', why: 'no-id' })
  expect(readPaste('[1, 2')).toEqual({ what: 'nothing', why: 'no-id' })
})

test('no text crashes it', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('curl ', cn, '{', '}', '"webappId":', id, "'", '[', ']'),
  )
  fc.assert(
    fc.property(fc.array(piece), pieces => {
      readPaste(pieces.join(''))
    }),
    { numRuns: 300 },
  )
})
