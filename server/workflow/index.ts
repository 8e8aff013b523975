import type { Prompt, PromptNode } from '../shared/prompt.ts'
import { type Catalogue, cleanTargetIds, createDraft, type Draft, promptOf } from './draft.ts'
import { fromPrompt } from './from-prompt.ts'
import { createHider, hideIn, shortestEverywhere } from './hide-keys.ts'
import { hideKeysAtTheirPlaces, hideShortKeys } from './hide-short-keys.ts'
import type { JsonObject } from './json.ts'
import { findKeys } from './keys.ts'
import { createNotices } from './notices.ts'
import { defaultMaxBytes, type Opened, openSource } from './open.ts'
import { buildReport, type WorkflowReport } from './report.ts'
import { type Graphs, readGraphs, subgraphNames } from './scopes.ts'
import { toPrompt } from './to-prompt.ts'

export type { Catalogue } from './draft.ts'
export type { JsonObject } from './json.ts'
export type { WorkflowReport } from './report.ts'

export type ReadWorkflow = {
  /** Without a prototype; keys replaced by references. */
  prompt: Prompt
  /** The editor's workflow as it was, unknown fields kept, keys replaced by references. */
  workflow?: JsonObject
  report: WorkflowReport
  /** The lifted keys themselves: the only place that holds them. */
  keys: { name: string; key: string }[]
}

export type ReadWorkflowOptions = {
  catalogue: Catalogue
  maxBytes?: number
  /** Names the n-th key of the file; `file-1`, `file-2`… when not given. */
  keyName?: (n: number, lastFour: string) => string
}

/**
 * Any file people have -> a prompt, the workflow it came from, and a report of what was understood. Throws BridgeError
 * (`workflow-…`) for what is no workflow; whatever can be read of a broken one is read, with notices.
 */
export function readWorkflow(source: Uint8Array | string, options: ReadWorkflowOptions): ReadWorkflow {
  const { catalogue } = options
  const notices = createNotices()
  const opened = openSource(source, options.maxBytes ?? defaultMaxBytes, notices)
  const graphs = opened.workflow && readGraphs(opened.workflow, notices)
  const converted = graphs && toPrompt(graphs, catalogue, notices)
  // A prompt of its own is the exact record of what made the file; the workflow is for editing.
  const own = opened.prompt && fromPrompt(opened.prompt, catalogue, converted ? createNotices() : notices)
  const draft = own ? { ...own, skipped: converted?.skipped ?? [] } : (converted ?? createDraft())
  copyPacks(draft, converted)
  cleanTargetIds(draft, notices)
  const keys = findKeys(draft, graphs, catalogue, options.keyName ?? freeNames(opened.texts))
  const hide = createHider(keys)
  const report = buildReport({
    kind: kindOf(opened, graphs),
    nodes: graphs ? graphs.all.reduce((sum, graph) => sum + graph.nodes.size, 0) : draft.nodes.size,
    draft,
    keys,
    notices: notices.list(),
    subgraphNames: opened.workflow ? subgraphNames(opened.workflow) : new Map(),
  })
  const short = keys.filter(({ key }) => key.length < shortestEverywhere)
  hideKeysAtTheirPlaces(draft, keys)
  const workflow = opened.workflow && hideIn(hideShortKeys(opened.workflow, short, catalogue), hide)
  return {
    prompt: withoutPrototype(hideIn(promptOf(draft), hide)),
    ...(workflow && { workflow }),
    report: hideIn(report, hide),
    keys: keys.map(({ name, key }) => ({ name, key })),
  }
}

function kindOf(opened: Opened, graphs: Graphs | undefined): WorkflowReport['kind'] {
  if (opened.carrier) return `${opened.carrier}-${graphs ? 'workflow' : 'prompt'}`
  return opened.kind === 'workflow' && graphs
    ? graphs.version
    : opened.kind === 'wrapper'
      ? 'wrapper'
      : 'prompt'
}

/** A bare prompt does not say which packs its nodes come from; the workflow beside it does. */
function copyPacks(draft: Draft, converted: Draft | undefined): void {
  if (!converted || draft.nodes === converted.nodes) return
  for (const [id, node] of draft.nodes) {
    const pack = converted.nodes.get(id)?.pack
    if (pack !== undefined && node.definition === undefined) draft.nodes.set(id, { ...node, pack })
  }
}

/** `file-1`, `file-2`… without the names that references in the file already use for keys of their own. */
function freeNames(texts: readonly string[]): () => string {
  const taken = new Set<string>()
  for (const text of texts)
    for (const match of text.matchAll(/<key:([^<>]{1,200})>/g)) taken.add(match[1] ?? '')
  let number = 0
  return () => {
    do number++
    while (taken.has(`file-${number}`))
    return `file-${number}`
  }
}

function withoutPrototype(prompt: Prompt): Prompt {
  const bare: { [nodeId: string]: PromptNode } = Object.create(null)
  for (const [id, node] of Object.entries(prompt)) {
    bare[id] = { ...node, inputs: Object.assign(Object.create(null), node.inputs) }
  }
  return bare
}
