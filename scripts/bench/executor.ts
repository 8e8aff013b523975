import { defineNode, socket } from '../../nodes/define-node.ts'
import { createCatalogue } from '../../nodes/index.ts'
import {
  createMemoryCache,
  type ExecutorServices,
  runPrompt,
  validatePrompt,
} from '../../server/executor/index.ts'
import { systemClock } from '../../server/shared/clock.ts'
import type { Prompt, PromptNode } from '../../server/shared/prompt.ts'
import { median, type Row } from './table.ts'

const sources = Object.fromEntries(
  Array.from({ length: 10 }, (_, index) => [`in${index}`, socket('*', { optional: true })] as const),
)
const common = { displayName: '', category: 'bench', inputs: sources }
const pass = defineNode({
  ...common,
  type: 'Pass',
  outputs: { out: '*' },
  execute: async ({ inputs }) => ({ out: inputs.in0 ?? 0 }),
})
const end = defineNode({ ...common, type: 'End', isOutput: true, outputs: {}, execute: async () => ({}) })

const fed = (type: string, ...ids: string[]): PromptNode => ({
  class_type: type,
  inputs: Object.fromEntries(ids.map((id, index) => [`in${index}`, [id, 0]])),
})

function chain(length: number): Prompt {
  const nodes: Record<string, PromptNode> = { n0: fed('Pass') }
  for (let index = 1; index < length - 1; index++) nodes[`n${index}`] = fed('Pass', `n${index - 1}`)
  return { ...nodes, end: fed('End', `n${length - 2}`) }
}

/** Each node takes half of the layer before, starting at its own place. */
function layers(count: number, width: number): Prompt {
  const nodes: Record<string, PromptNode> = {}
  for (let layer = 0; layer < count; layer++) {
    for (let place = 0; place < width; place++) {
      const half = Array.from({ length: width / 2 }, (_, index) => `n${layer - 1}_${(place + index) % width}`)
      nodes[`n${layer}_${place}`] = fed(layer === count - 1 ? 'End' : 'Pass', ...(layer === 0 ? [] : half))
    }
  }
  return nodes
}

function wide(count: number): Prompt {
  const nodes: Record<string, PromptNode> = { source: fed('Pass') }
  for (let index = 1; index < count; index++) nodes[`n${index}`] = fed('End', 'source')
  return nodes
}

const unused = () => Promise.reject(new Error('no local node asks for this'))

function openServices(): ExecutorServices {
  return {
    catalogue: createCatalogue([pass, end]),
    clock: systemClock,
    cache: createMemoryCache({ maxEntries: 100_000, now: systemClock.now, isThere: () => true }),
    assets: new Proxy({} as ExecutorServices['assets'], { get: () => unused }),
    cloud: new Proxy({} as ExecutorServices['cloud'], { get: () => unused }),
  }
}

/** Check and run, in milliseconds. */
async function timeOf(prompt: Prompt, services = openServices()): Promise<number> {
  const startedAt = performance.now()
  const checked = await validatePrompt(prompt, { ...services, pins: { find: () => undefined } })
  const { status } = await runPrompt(checked, services, {
    runId: 'bench',
    signal: new AbortController().signal,
    onEvent() {},
  })
  if (status !== 'success') throw new Error(`the bench's own graph ended as ${status}`)
  return performance.now() - startedAt
}

async function measure(what: string, goal: number | undefined, once: () => Promise<number>): Promise<Row> {
  await once()
  const times: number[] = []
  for (let round = 0; round < 9; round++) times.push(await once())
  return { what, unit: 'ms', measured: median(times), ...(goal !== undefined && { goal }) }
}

export async function benchExecutor(): Promise<Row[]> {
  const layered = layers(100, 10)
  // Before the larger graphs have grown the heap.
  const rssBefore = process.memoryUsage.rss()
  const layersRow = await measure('1,000 nodes in layers of 10, 5 links a node', 50, () => timeOf(layered))
  const grown = (process.memoryUsage.rss() - rssBefore) / 1024 / 1024
  const rows = [
    layersRow,
    { what: '  memory grown by ten such runs', unit: 'MB', goal: 100, measured: grown },
    await measure('chain of 100', 3, () => timeOf(chain(100))),
    await measure('chain of 1,000', 20, () => timeOf(chain(1000))),
    await measure('chain of 10,000', 200, () => timeOf(chain(10_000))),
    await measure('5,000 wide', undefined, () => timeOf(wide(5000))),
  ]
  const services = openServices()
  const cached = chain(1000)
  rows.push(await measure('chain of 1,000, all cached', 20, () => timeOf(cached, services)))
  return rows
}
