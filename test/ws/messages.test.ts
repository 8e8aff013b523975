import { expect, test } from 'vitest'
import { isEndOf, openServer, type TestSocket } from '../support/open-server.ts'
import {
  chainPrompt,
  cloudPrompt,
  failingPrompt,
  slowPrompt,
  textPrompt,
  zImage,
} from '../support/prompts.ts'

/** What 6.2 orders: our own messages and the coalesced progress left out. */
const inOrder = (socket: TestSocket, from = 1) =>
  socket.messages
    .slice(from)
    .map(({ type, data }) => {
      if (type === 'status') return `status ${remaining(data)}`
      if (type === 'executing') return `executing ${data.node}`
      if (type === 'executed') return `executed ${data.node}`
      return type
    })
    .filter(text => !/^(bridge\.|progress)/.test(text))

const remaining = (data: Record<string, unknown>) =>
  (data as { status: { exec_info: { queue_remaining: number } } }).status.exec_info.queue_remaining

test('a socket is greeted with the length of the line and its own id', async () => {
  const server = await openServer()
  const named = await server.socket('me')
  expect(named.messages[0]).toEqual({
    type: 'status',
    data: { status: { exec_info: { queue_remaining: 0 } }, sid: 'me' },
  })
  const unnamed = await server.socket(undefined, {}, '/api/ws')
  expect(unnamed.messages[0]?.data.sid).toMatch(/^[0-9a-f]{32}$/)
})

test('a run of two nodes is told in the order of ComfyUI', async () => {
  const server = await openServer()
  const socket = await server.socket('me')
  const id = await server.submit(textPrompt('hello'), { client_id: 'me' })
  await socket.until(isEndOf(id))
  expect(inOrder(socket)).toEqual([
    'status 1',
    'status 1',
    'execution_start',
    'execution_cached',
    'executing 1',
    'executing 2',
    'executed 2',
    'execution_success',
    'status 0',
    'executing null',
  ])
  const of = (type: string) => socket.messages.find(message => message.type === type)?.data
  expect(of('execution_start')).toEqual({ prompt_id: id, timestamp: expect.any(Number) })
  expect(of('execution_cached')).toEqual({ nodes: [], prompt_id: id, timestamp: expect.any(Number) })
  expect(of('executing')).toEqual({ node: '1', display_node: '1', prompt_id: id })
  expect(of('executed')).toEqual({
    node: '2',
    display_node: '2',
    output: { text: ['hello'] },
    prompt_id: id,
  })
  expect(of('execution_success')).toEqual({ prompt_id: id, timestamp: expect.any(Number) })
  expect(socket.messages.at(-1)?.data).toEqual({ node: null, prompt_id: id })
})

test('a run answered from the cache tells its outputs again and executes nothing', async () => {
  const server = await openServer()
  await server.runToEnd(textPrompt('again'))
  const { socket, id, entry } = await server.runToEnd(textPrompt('again'))
  expect(inOrder(socket).filter(text => !text.startsWith('status'))).toEqual([
    'execution_start',
    'execution_cached',
    'executed 2',
    'execution_success',
    'executing null',
  ])
  const executed = socket.messages.find(({ type }) => type === 'executed')
  expect(executed?.data).toMatchObject({ output: { text: ['again'] }, prompt_id: id })
  const cached = socket.messages.find(({ type }) => type === 'execution_cached')
  expect(new Set(cached?.data.nodes as string[] | undefined)).toEqual(new Set(['1', '2']))
  expect(entry.outputs).toEqual({ '2': { text: ['again'] } })
  expect(entry.status.messages.map(([type]) => type)).toEqual([
    'execution_start',
    'execution_cached',
    'execution_success',
  ])
})

test('a failing run ends with execution_error, then the line, then executing null, and never execution_success', async () => {
  const server = await openServer()
  const { socket, id, entry } = await server.runToEnd(failingPrompt())
  const order = inOrder(socket)
  expect(order.slice(-3)).toEqual(['execution_error', 'status 0', 'executing null'])
  expect(order).not.toContain('execution_success')
  const error = socket.messages.find(({ type }) => type === 'execution_error')?.data
  expect(error).toMatchObject({
    prompt_id: id,
    node_id: '3',
    node_type: 'RH_ExecuteNode',
    executed: expect.arrayContaining(['1', '2']),
    exception_message: expect.stringMatching(/\n$/),
    exception_type: expect.stringMatching(/^\w+\.[\w-]+$/),
    traceback: expect.arrayContaining([expect.stringMatching(/^TypeError: .*\n$/)]),
    current_inputs: {},
    current_outputs: [],
    timestamp: expect.any(Number),
  })
  expect(entry.status).toMatchObject({ status_str: 'error', completed: false })
  expect(entry.status.messages.at(-1)).toEqual(['execution_error', error])
})

test('an interrupted run ends with execution_interrupted and names the node that ran', async () => {
  const server = await openServer({ sandboxSpeed: 1 })
  const socket = await server.socket('me')
  const id = await server.submit(slowPrompt(), { client_id: 'me' })
  await socket.until(({ type, data }) => type === 'executing' && data.node === '3')
  await server.post('/interrupt', { prompt_id: id })
  await socket.until(isEndOf(id))
  expect(inOrder(socket).slice(-3)).toEqual(['execution_interrupted', 'status 0', 'executing null'])
  const told = socket.messages.find(({ type }) => type === 'execution_interrupted')?.data
  expect(told).toEqual({
    prompt_id: id,
    node_id: '3',
    node_type: 'RH_ExecuteNode',
    executed: expect.arrayContaining(['1', '2']),
    timestamp: expect.any(Number),
  })
  const { json } = await server.get(`/history/${id}`)
  expect(json).toMatchObject({
    [id]: { status: { status_str: 'error', completed: false, messages: expect.any(Array) } },
  })
})

test('an interrupted run names the running node, whatever order the prompt has and whatever is never needed', async () => {
  const server = await openServer({ sandboxSpeed: 1 })
  const socket = await server.socket('me')
  const unused = { '0': { class_type: 'PrimitiveString', inputs: { value: 'nobody wants it' } } }
  const id = await server.submit({ ...unused, ...slowPrompt() }, { client_id: 'me' })
  await socket.until(({ type, data }) => type === 'executing' && data.node === '3')
  await server.post('/interrupt')
  const told = await socket.until(({ type }) => type === 'execution_interrupted')
  expect(told.data).toMatchObject({ prompt_id: id, node_id: '3', node_type: 'RH_ExecuteNode' })
})

test('without client_id everybody hears progress_state and the interruption, and nobody the rest', async () => {
  const server = await openServer({ sandboxSpeed: 1 })
  const sockets = await Promise.all([server.socket('a'), server.socket('b')])
  const id = await server.submit(slowPrompt())
  for (const socket of sockets) {
    await socket.until(
      ({ type, data }) => type === 'progress_state' && '3' in (data.nodes as Record<string, unknown>),
    )
  }
  await server.post('/interrupt', { prompt_id: id })
  for (const socket of sockets) {
    await socket.until(({ type }) => type === 'execution_interrupted')
    const types = new Set(socket.about(id).map(({ type }) => type))
    expect([...types].filter(type => type !== 'progress').toSorted()).toEqual([
      'execution_interrupted',
      'progress_state',
    ])
  }
})

test('a run is told to the socket of its client only; the line is told to all', async () => {
  const server = await openServer()
  const [mine, other] = await Promise.all([server.socket('mine'), server.socket('other')])
  const id = await server.submit(textPrompt(), { client_id: 'mine' })
  await mine.until(isEndOf(id))
  await other.until(({ type, data }) => type === 'status' && remaining(data) === 0 && !('sid' in data))
  expect(new Set(other.types())).toEqual(new Set(['status']))
})

test('the cloud’s progress comes as progress with value and max that never goes back', async () => {
  const server = await openServer({ sandboxSpeed: 50 })
  const { socket, id } = await server.runToEnd(cloudPrompt(zImage))
  // The node that saves says how far it is, too.
  const progress = socket.messages
    .filter(({ type, data }) => type === 'progress' && data.node === '3')
    .map(({ data }) => data)
  expect(progress.length).toBeGreaterThan(0)
  let last = 0
  for (const data of progress) {
    expect(data).toEqual({
      value: expect.any(Number),
      max: expect.any(Number),
      prompt_id: id,
      node: '3',
    })
    expect(Number(data.value)).toBeLessThanOrEqual(Number(data.max))
    const share = Number(data.value) / Number(data.max)
    expect(share).toBeGreaterThanOrEqual(last)
    last = share
  }
  const state = socket.messages.findLast(({ type }) => type === 'progress_state')
  expect(state?.data).toMatchObject({
    prompt_id: id,
    nodes: {
      '3': {
        value: 1,
        max: 1,
        state: 'finished',
        node_id: '3',
        prompt_id: id,
        display_node_id: '3',
        parent_node_id: null,
        real_node_id: '3',
      },
    },
  })
})

test('a client that comes back hears at once which node runs, and the rest of the run', async () => {
  const server = await openServer({ sandboxSpeed: 1 })
  const first = await server.socket('me')
  const id = await server.submit(slowPrompt(), { client_id: 'me' })
  await first.until(({ type, data }) => type === 'executing' && data.node === '3')
  first.close()
  const second = await server.socket('me')
  const hint = await second.until(({ type }) => type === 'executing')
  expect(hint.data).toEqual({ node: '3' })
  await server.post('/interrupt', { prompt_id: id })
  await second.until(isEndOf(id))
  expect(second.types()).toContain('execution_interrupted')
})

test('a second socket of a client takes the first one’s place', async () => {
  const server = await openServer()
  const first = await server.socket('me')
  const second = await server.socket('me')
  await first.closed()
  const id = await server.submit(textPrompt(), { client_id: 'me' })
  await second.until(isEndOf(id))
})

test('feature_flags is answered with /features when it is the first message, and only then', async () => {
  const server = await openServer()
  const { json } = await server.get('/features')
  const polite = await server.socket('polite')
  polite.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }))
  const answer = await polite.until(({ type }) => type === 'feature_flags')
  expect(answer.data).toEqual(json)
  const late = await server.socket('late')
  late.send('{"type":"hello"')
  late.send(JSON.stringify({ type: 'feature_flags', data: {} }))
  const id = await server.submit(textPrompt(), { client_id: 'late' })
  await late.until(isEndOf(id))
  expect(late.types()).not.toContain('feature_flags')
})

test('a run of 1,000 local nodes tells every node once, in order, and sends less than 2 MB', async () => {
  const server = await openServer()
  const { socket, id } = await server.runToEnd(chainPrompt(1000))
  const executing = socket.about(id).flatMap(({ type, data }) => (type === 'executing' ? [data.node] : []))
  expect(executing).toEqual([...Array.from({ length: 1000 }, (_, index) => String(index + 1)), null])
  const states = socket.messages.filter(({ type }) => type === 'progress_state')
  const last = states.at(-1)?.data.nodes as Record<string, { state: string }>
  expect(Object.values(last).filter(({ state }) => state === 'finished')).toHaveLength(1000)
  expect(socket.bytes()).toBeLessThan(2_000_000)
})

test('200 sockets each hear every message of their own run in its order', async () => {
  const server = await openServer({ parallel: 8 })
  const clients = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => ({
      name: `client-${index}`,
      socket: await server.socket(`client-${index}`),
    })),
  )
  const runs = await Promise.all(
    clients.map(async ({ name, socket }) => ({
      socket,
      id: await server.submit(chainPrompt(5), { client_id: name }),
    })),
  )
  for (const { socket, id } of runs) {
    await socket.until(isEndOf(id))
    const told = socket
      .about(id)
      .map(({ type, data }) => (type === 'executing' ? `executing ${data.node}` : type))
      .filter(text => !/^(bridge|progress)/.test(text))
    expect(told).toEqual([
      'execution_start',
      'execution_cached',
      ...[1, 2, 3, 4, 5].map(node => `executing ${node}`),
      'executed',
      'execution_success',
      'executing null',
    ])
  }
})

test('200 sockets hear an anonymous run to its end', async () => {
  const server = await openServer()
  const sockets = await Promise.all(Array.from({ length: 200 }, (_, index) => server.socket(`c${index}`)))
  const id = await server.submit(chainPrompt(50))
  for (const socket of sockets) {
    const last = await socket.until(
      ({ type, data }) =>
        type === 'progress_state' &&
        data.prompt_id === id &&
        Object.values(data.nodes as Record<string, { state: string }>).filter(n => n.state === 'finished')
          .length === 50,
    )
    expect(Object.keys(last.data.nodes as object)).toHaveLength(50)
  }
})
