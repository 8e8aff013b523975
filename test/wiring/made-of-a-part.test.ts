import { expect, test } from 'vitest'
import type { Prompt } from '../../server/shared/prompt.ts'
import { openHouse, settings } from './open-house.ts'

const node = (class_type: string, inputs: Record<string, unknown> = {}) => ({ class_type, inputs })

/** A task for each line, and one more with the lines of those that came to something. */
const perLine = {
  s: settings('1904136902449209346'),
  last: settings('2016195556967714818'),
  lines: node('RHB_LoadTextLines', { text: 'a\nb', file: '', skip_empty: true, start: 0, limit: 0 }),
  start: node('RHB_ForEachStart', { items: ['lines', 0] }),
  info: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: ['start', 0] }),
  task: node('RH_ExecuteNode', { apiConfig: ['s', 0], nodeInfoList: ['info', 0] }),
  end: node('RHB_ForEachEnd', { value: ['task', 0], on_error: 'skip' }),
  text: node('RH_Utils', { anything: ['end', 2] }),
  whole: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: ['text', 0] }),
  sum: node('RH_ExecuteNode', { apiConfig: ['last', 0], nodeInfoList: ['whole', 0] }),
} as unknown as Prompt

test('a task on what a part of a list came to is not taken for one on all of it', async () => {
  const house = await openHouse()
  house.sandbox.addFaults([
    { on: 'create', targetId: '1904136902449209346', do: { kind: 'code', code: 301, msg: 'no' } },
  ])
  const run = () => house.runPrompt(perLine, { force: [] })
  const first = await run()
  expect(first.result.errors).toEqual([])
  const sums = () =>
    house.sandbox
      .tasks()
      .flatMap(({ targetId, nodeInfoList }) =>
        targetId === '2016195556967714818' ? nodeInfoList.map(({ fieldValue }) => fieldValue) : [],
      )
  expect(sums()).toEqual(['1'])
  await run()
  expect(sums()).toEqual(['1', '2'])
  // And nothing is paid a third time.
  await run()
  expect(house.sandbox.tasks()).toHaveLength(4)
})

test('what follows inside the loop keeps its tasks, whatever became of the other items', async () => {
  const house = await openHouse()
  house.sandbox.addFaults([
    { on: 'create', targetId: '1904136902449209346', do: { kind: 'code', code: 301, msg: 'no' } },
  ])
  const chain = {
    s: perLine.s,
    last: perLine.last,
    lines: perLine.lines,
    start: perLine.start,
    info: perLine.info,
    task: perLine.task,
    id: node('RH_Utils', { anything: ['task', 13] }),
    text: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: ['id', 0] }),
    second: node('RH_ExecuteNode', { apiConfig: ['last', 0], nodeInfoList: ['text', 0] }),
    end: node('RHB_ForEachEnd', { value: ['second', 0], on_error: 'skip' }),
    look: node('PreviewAny', { source: ['end', 2] }),
  } as unknown as Prompt
  const run = () => house.runPrompt(chain, { force: [] })
  expect((await run()).result.errors).toEqual([])
  expect(house.sandbox.tasks()).toHaveLength(2)
  await run()
  expect(house.sandbox.tasks()).toHaveLength(4)
  await run()
  expect(house.sandbox.tasks()).toHaveLength(4)
})
