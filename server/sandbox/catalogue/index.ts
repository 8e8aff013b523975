import { isId, isRounded } from '../ids.ts'
import type { TaskKind } from '../types.ts'
import { type App, type AppField, kontextApp, storyboardApp, upscaleApp } from './apps.ts'
import type { ApiGraph } from './graph.ts'
import type { Behaviour, FileSpec } from './special.ts'
import { specialWorkflows } from './special.ts'
import { sdxlGraph, styleTransferGraph, videoGraph, zImageGraph } from './workflows.ts'

/** What a workflowId or webappId stands for. */
export type Target = {
  id: string
  name: string
  graph: ApiGraph
  /** `closed`: only nodes and fields of the graph may be set. `open`: an id nobody described takes anything. */
  fields: 'closed' | 'open'
  behaviour: Behaviour
  /** Of an AI app. */
  appFields?: AppField[]
}

export type Missing = { missing: 'unknown' | 'rounded' | 'not-an-id' }

type Known = Omit<Target, 'id' | 'fields'>

const fromApp = (app: App): Known => ({
  name: app.name,
  graph: app.graph,
  behaviour: {},
  appFields: app.fields,
})

const workflows: Record<string, Known> = {
  '2016195556967714818': { name: 'Z-image-base', graph: zImageGraph, behaviour: {} },
  '2014552598229032961': {
    name: 'Style transfer',
    graph: styleTransferGraph,
    behaviour: { files: Array.from({ length: 7 }, (): FileSpec => ({ kind: 'picture' })) },
  },
  '2024416533212045314': {
    name: 'Video restyle',
    graph: videoGraph,
    behaviour: { files: [{ kind: 'video' }], runMs: 8000 },
  },
  '1904136902449209346': { name: 'SDXL', graph: sdxlGraph, behaviour: {} },
}

const apps: Record<string, Known> = {
  '1975470159655735297': fromApp(storyboardApp),
  '1877265245566922753': fromApp(kontextApp),
  '1968224578318974977': fromApp(upscaleApp),
}

const special = new Map(
  Object.values(specialWorkflows).map(entry => [entry.id as string, entry.behaviour as Behaviour]),
)

const video: Behaviour = { files: [{ kind: 'video' }], runMs: 8000 }

/** Ids in workflow files that people share: open graphs, of which only the kind of result is known. */
const shared: Record<string, Behaviour> = {
  '1915099205092970498': video,
  '1912930457355517954': video,
  '1918751557083398146': video,
  '1919062047542415362': { files: [{ kind: 'audio' }] },
  '2024703585040211969': { files: [{ kind: 'picture' }, { kind: 'latent' }] },
  '1915077908329594882': {
    files: [
      { kind: 'picture' },
      { kind: 'video' },
      { kind: 'latent' },
      { kind: 'text', text: 'all in one' },
      { kind: 'audio' },
    ],
  },
}

export const appIds: readonly string[] = Object.keys(apps)

/** Finds what an id names; `strict` knows only the ids above. */
export function findTarget(id: string, kind: TaskKind, options: { strict: boolean }): Target | Missing {
  const isApp = kind === 'app' || kind === 'quick-app'
  const known = (isApp ? apps : workflows)[id]
  if (known) return { id, fields: 'closed', ...known }
  if (!isId(id)) return { missing: 'not-an-id' }
  const behaviour = special.get(id) ?? shared[id]
  if (behaviour) return { id, name: `sandbox ${id}`, graph: sdxlGraph, fields: 'open', behaviour }
  if (isRounded(id)) return { missing: 'rounded' }
  // An AI app's id is not a workflow's, nor the reverse.
  if ((isApp ? workflows : apps)[id] || options.strict) return { missing: 'unknown' }
  return { id, name: `Workflow ${id}`, graph: sdxlGraph, fields: 'open', behaviour: {} }
}
