import { expect, test } from 'vitest'
import { historyEntryText, jobSummary, queueItemText } from '../../server/comfy/jobs.ts'
import { executionEnd, historyMessages } from '../../server/comfy/status.ts'
import { parseJson } from '../../server/shared/lossless-json.ts'
import { node } from '../support/prompts.ts'
import { storedRun } from '../support/stored-run.ts'

const end = { finishedAt: 3000, outputs: {}, cachedNodes: [], executedNodes: [], errors: [], tasks: [] }
const diamond = {
  a: node('PrimitiveString'),
  b: node('PrimitiveString', { value: ['a', 0] }),
  c: node('PrimitiveString', { value: ['a', 0] }),
  unused: node('PrimitiveString'),
  end: node('PreviewAny', { source: ['b', 0], other: ['c', 0] }),
}

test.each([
  [[], 'a'],
  [['a'], 'c'],
  [['a', 'c'], 'b'],
  [['a', 'b', 'c'], 'end'],
  [['a', 'b', 'c', 'end'], null],
])('an interrupted run that has executed %o was at %s', (executedNodes, nodeId) => {
  const run = storedRun({
    ...end,
    prompt: diamond,
    outputsToRun: ['end'],
    status: 'interrupted',
    executedNodes,
  })
  const [type, data] = executionEnd(run)
  expect([type, data.node_id, data.node_type]).toEqual([
    'execution_interrupted',
    nodeId,
    nodeId === null ? null : diamond[nodeId as keyof typeof diamond].class_type,
  ])
})

test('an error says what happened, what to do, and which task it was, and ends with a newline', () => {
  const error = {
    nodeId: '3',
    nodeType: 'RH_ExecuteNode',
    code: 'cloud-failed',
    message: 'It failed.',
    hint: 'Look.',
    taskId: '12',
  }
  const run = storedRun({
    ...end,
    status: 'error',
    errors: [error],
    executedNodes: ['1'],
    cachedNodes: ['2'],
  })
  expect(executionEnd(run)).toEqual([
    'execution_error',
    {
      prompt_id: 'run-1',
      node_id: '3',
      node_type: 'RH_ExecuteNode',
      exception_message: 'It failed.\nLook.\nRunningHub task 12\n',
      exception_type: 'rh_bridge.cloud-failed',
      traceback: [],
      current_inputs: {},
      current_outputs: [],
      executed: ['2', '1'],
      timestamp: 3000,
    },
  ])
})

test('the history keeps start, cached and end, with the times of each', () => {
  const run = storedRun({ ...end, status: 'success', cachedNodes: ['1'] })
  expect(historyMessages(run)).toEqual([
    ['execution_start', { prompt_id: 'run-1', timestamp: 2000 }],
    ['execution_cached', { nodes: ['1'], prompt_id: 'run-1', timestamp: 2000 }],
    ['execution_success', { prompt_id: 'run-1', timestamp: 3000 }],
  ])
})

test.each([
  ['{}', { client_id: 'me', create_time: 1000 }],
  ['{"a":[1,{"b":"}"}]}', { a: [1, { b: '}' }], client_id: 'me', create_time: 1000 }],
])('a queue item passes kept JSON on as it is: extra %s', (extra, expected) => {
  const texts = { prompt: '{"1":{"class_type":"A","inputs":{"seed":18446744073709551615}}}', extra }
  const text = queueItemText(storedRun({ texts, id: 'quote " and \\' }))
  expect(text).toContain(texts.prompt)
  expect(parseJson(text)).toEqual([
    0,
    'quote " and \\',
    { '1': { class_type: 'A', inputs: { seed: 18446744073709551615n } } },
    expected,
    ['2'],
  ])
})

test('an entry is the same whether its texts are kept or made anew', () => {
  const run = storedRun({
    ...end,
    state: 'done',
    status: 'success',
    outputs: { '2': { text: ['x'] } },
    extra: { a: 1 },
  })
  const kept = { ...run, texts: { prompt: JSON.stringify(run.prompt), extra: JSON.stringify(run.extra) } }
  expect(historyEntryText(kept)).toBe(historyEntryText(run))
  expect(parseJson(historyEntryText(run))).toMatchObject({ outputs: { '2': { text: ['x'] } } })
})

test('a job’s text is cut after 1,024 characters and says so', () => {
  const run = storedRun({
    ...end,
    state: 'done',
    status: 'success',
    outputs: { '2': { text: ['x'.repeat(2000)] } },
  })
  expect(jobSummary(run).preview_output).toEqual({
    content: 'x'.repeat(1024),
    nodeId: '2',
    mediaType: 'text',
    type: 'text',
    truncated: true,
  })
})
