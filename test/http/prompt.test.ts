import { expect, test } from 'vitest'
import { isEndOf, openServer } from '../support/open-server.ts'
import { node, textPrompt } from '../support/prompts.ts'

const nobody = '00000000-0000-4000-8000-000000000000'

test.each(['', '/api'])('POST %s/prompt answers id, number and no errors, and runs', async prefix => {
  const server = await openServer()
  const socket = await server.socket('me')
  const first = await server.post(`${prefix}/prompt`, { prompt: textPrompt('hi'), client_id: 'me' })
  expect(first.status).toBe(200)
  expect(first.headers.get('content-type')).toMatch(/^application\/json/)
  expect(first.json).toEqual({ prompt_id: expect.any(String), number: 0, node_errors: {} })
  const { prompt_id: id } = first.json as { prompt_id: string }
  expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  await socket.until(isEndOf(id))
  const second = await server.post(`${prefix}/prompt`, { prompt: textPrompt() })
  expect(second.json).toMatchObject({ number: 1 })
})

test.each([
  undefined,
  'text/plain;charset=UTF-8',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
])('a prompt is read as JSON when its Content-Type says %s', async type => {
  const server = await openServer()
  const answer = await server.post(
    '/prompt',
    { prompt: textPrompt() },
    { headers: type === undefined ? {} : { 'content-type': type } },
  )
  expect(answer.status).toBe(200)
})

test('the client’s own prompt_id is taken, whatever text it is, and may come twice', async () => {
  const server = await openServer()
  for (const id of [nobody, 'any text / ☃', '__proto__', 'constructor', nobody]) {
    const answer = await server.post('/prompt', { prompt: textPrompt(id), prompt_id: id })
    expect(answer.json).toMatchObject({ prompt_id: id })
    const { entry } = await server.runToEnd(textPrompt(id), { prompt_id: id })
    expect(entry.prompt[1]).toBe(id)
    expect(entry.outputs).toEqual({ '2': { text: [id] } })
  }
})

test('a refused request counts too, front is the negative of the count, and number is taken as given', async () => {
  const server = await openServer()
  const number = async (more: object) =>
    ((await server.post('/prompt', { prompt: textPrompt(), ...more })).json as { number: number }).number
  expect(await number({})).toBe(0)
  expect((await server.post('/prompt', {})).status).toBe(400)
  expect(await number({})).toBe(2)
  expect(await number({ front: true })).toBe(-3)
  expect(await number({ number: 7.5 })).toBe(7.5)
  expect(await number({ number: '8' })).toBe(8)
  expect(await number({})).toBe(6)
})

test.each([
  ['an empty body', '', 'no_prompt'],
  ['no prompt', '{}', 'no_prompt'],
  ['an empty prompt', '{"prompt":{}}', 'prompt_no_outputs'],
  ['a prompt that is a list', '{"prompt":[]}', 'no_prompt'],
  ['a node without class_type', '{"prompt":{"1":{"inputs":{}}}}', 'missing_node_type'],
  ['an unknown class', '{"prompt":{"1":{"class_type":"Nope","inputs":{}}}}', 'missing_node_type'],
  [
    'nodes but no output',
    '{"prompt":{"1":{"class_type":"PrimitiveString","inputs":{"value":"x"}}}}',
    'prompt_no_outputs',
  ],
  [
    'an output that misses its input',
    '{"prompt":{"1":{"class_type":"PreviewAny","inputs":{}}}}',
    'prompt_outputs_failed_validation',
  ],
  ['broken JSON', '{"prompt":', 'bad-json'],
  ['JSON that is no object', '[1]', 'bad-json'],
  ['a number that is none', '{"prompt":{"1":{}},"number":"x"}', 'bad-number'],
  ['very deep JSON', `{"prompt":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'bad-json'],
])('%s is refused with 400 in the form of ComfyUI', async (_what, body, type) => {
  const server = await openServer()
  for (const path of ['/prompt', '/api/prompt']) {
    const answer = await server.request(path, { method: 'POST', body })
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({
      error: {
        type,
        message: expect.any(String),
        details: expect.any(String),
        extra_info: expect.any(Object),
      },
      node_errors: expect.any(Object),
    })
  }
})

test('an unknown class is refused with its node and title', async () => {
  const server = await openServer()
  const prompt = { '7': { ...node('NoSuchNode'), _meta: { title: 'My node' } }, ...textPrompt() }
  const { json } = await server.post('/prompt', {
    prompt: { '7': prompt['7'], '8': node('PreviewAny', { source: ['7', 0] }) },
  })
  expect(json).toMatchObject({
    error: {
      type: 'missing_node_type',
      message: "Node 'My node' not found. The custom node may not be installed.",
      details: "Node ID '#7'",
      extra_info: { node_id: '7', class_type: 'NoSuchNode', node_title: 'My node' },
    },
  })
})

test('a wrong output is named with 200 while the good one runs', async () => {
  const server = await openServer()
  const prompt = { ...textPrompt('good'), '9': node('PreviewAny') }
  const answer = await server.post('/prompt', { prompt, prompt_id: 'half' })
  expect(answer.status).toBe(200)
  expect(answer.json).toMatchObject({
    prompt_id: 'half',
    node_errors: {
      '9': {
        class_type: 'PreviewAny',
        dependent_outputs: ['9'],
        errors: [
          {
            type: 'required_input_missing',
            message: 'Required input is missing',
            details: 'source',
            extra_info: { input_name: 'source' },
          },
        ],
      },
    },
  })
})

test('node_errors have ComfyUI’s words for each kind of wrong input', async () => {
  const server = await openServer()
  const wrong = async (nodes: Record<string, unknown>) => {
    const { json } = await server.post('/prompt', { prompt: nodes })
    const { node_errors } = json as {
      node_errors: Record<string, { errors: { type: string; details: string }[] }>
    }
    return Object.values(node_errors).flatMap(({ errors }) =>
      errors.map(({ type, details }) => `${type}: ${details}`),
    )
  }
  const previewOf = (id: string) => node('PreviewAny', { source: [id, 0] })
  expect(await wrong({ '1': node('PrimitiveInt', { value: 'x' }), '2': previewOf('1') })).toEqual([
    expect.stringMatching(/^invalid_input_type: value, x/),
  ])
  expect(await wrong({ '1': node('easy seed', { seed: -1 }), '2': previewOf('1') })).toEqual([
    'value_smaller_than_min: seed',
  ])
  expect(await wrong({ '1': node('LoadImage', { image: 'none.png' }), '2': previewOf('1') })).toEqual([
    'custom_validation_failed: image - Invalid image file: none.png',
  ])
  expect(
    await wrong({
      '1': node('PrimitiveString', { value: 'x' }),
      '2': node('SaveImage', { images: ['1', 0], filename_prefix: 'x' }),
    }),
  ).toEqual(['return_type_mismatch: images, received_type(STRING) mismatch input_type(IMAGE)'])
  expect(await wrong({ '2': node('PreviewAny', { source: ['nobody', 0] }) })).toHaveLength(1)
})

test('only the targets named by partial_execution_targets run', async () => {
  const server = await openServer()
  const prompt = { ...textPrompt('a'), '3': node('PreviewAny', { source: ['1', 0] }) }
  const { entry } = await server.runToEnd(prompt, { partial_execution_targets: ['3'] })
  expect(entry.prompt[4]).toEqual(['3'])
  expect(Object.keys(entry.outputs)).toEqual(['3'])
  const none = await server.post('/prompt', { prompt, partial_execution_targets: ['nobody'] })
  expect(none.json).toMatchObject({ error: { type: 'prompt_no_outputs' } })
})

test('numbers beyond 2^53 come back digit for digit, and validation’s casts show', async () => {
  const server = await openServer()
  const text =
    '{"1":{"class_type":"PrimitiveInt","inputs":{"value":9223372036854775807}},"2":{"class_type":"PreviewAny","inputs":{"source":["1",0]}},"3":{"class_type":"easy seed","inputs":{"seed":"7"}},"4":{"class_type":"PreviewAny","inputs":{"source":["3",0]}}}'
  const socket = await server.socket('me')
  const { json } = await server.request('/prompt', {
    method: 'POST',
    body: `{"prompt":${text},"client_id":"me","prompt_id":"big"}`,
  })
  expect(json).toMatchObject({ prompt_id: 'big' })
  await socket.until(isEndOf('big'))
  const history = await server.get('/history/big')
  expect(history.text).toContain('9223372036854775807')
  expect(history.json).toMatchObject({
    big: { outputs: { '2': { text: ['9223372036854775807'] }, '4': { text: ['7'] } } },
  })
  expect(history.json).toMatchObject({
    big: { prompt: [expect.anything(), 'big', { '3': { inputs: { seed: 7 } } }, {}, expect.anything()] },
  })
})

test('a queue item keeps extra_data with client_id and create_time, without the tokens of another service', async () => {
  const server = await openServer()
  const extra_data = {
    extra_pnginfo: { workflow: { id: 'w', nodes: [], links: [], version: 0.4 } },
    mine: 1,
    auth_token_comfy_org: 'secret-token',
    api_key_comfy_org: 'secret-key',
  }
  const { entry, id } = await server.runToEnd(textPrompt('kept'), { extra_data })
  const [number, itemId, prompt, extra, outputs] = entry.prompt
  expect([number, itemId, outputs]).toEqual([0, id, ['2']])
  expect(prompt).toMatchObject({ '2': { class_type: 'PreviewAny', inputs: { source: ['1', 0] } } })
  expect(extra).toMatchObject({
    mine: 1,
    client_id: expect.any(String),
    create_time: expect.any(Number),
    extra_pnginfo: { workflow: { id: 'w' } },
  })
  expect(JSON.stringify(entry)).not.toContain('secret')
})

test('at every moment a prompt is in the queue or in the history', async () => {
  const server = await openServer()
  const ids = ['a', 'b', 'c', 'd', 'e']
  const open = new Set(ids)
  const queued = ids.map(id => server.post('/prompt', { prompt: textPrompt(id), prompt_id: id }))
  await Promise.all(queued)
  type Queue = { queue_running: unknown[][]; queue_pending: unknown[][] }
  while (open.size > 0) {
    // Asked in this order, a prompt that moves on between the two is seen twice, never not at all.
    const queue = (await server.get('/queue')).json as Queue
    const history = (await server.get('/history')).json as Record<string, unknown>
    const listed = [...queue.queue_running, ...queue.queue_pending].map(item => item[1])
    for (const id of open) {
      expect(listed.includes(id) || id in history, id).toBe(true)
      if (id in history) open.delete(id)
    }
  }
})

test('the history can be read when execution_success arrives', async () => {
  const server = await openServer()
  const socket = await server.socket('me')
  const found: unknown[] = []
  for (let turn = 0; turn < 5; turn++) {
    const id = await server.submit(textPrompt(), { client_id: 'me' })
    await socket.until(({ type, data }) => type === 'execution_success' && data.prompt_id === id)
    const { json } = await server.get(`/history/${id}`)
    found.push((json as Record<string, { status: object }>)[id]?.status)
  }
  expect(found).toEqual(found.map(() => expect.objectContaining({ status_str: 'success', completed: true })))
})
