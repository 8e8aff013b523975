import { type ForetoldTask, type NodeDefinition, notYetKnown } from '../../nodes/define-node.ts'
import type { NodeInfo, RunningHubSettings } from '../../nodes/values.ts'
import { type CloudDescription, checkItems, type ItemProblem } from '../knowledge/index.ts'
import { CloudError } from '../runninghub/index.ts'
import { type Clock, withDeadline } from '../shared/clock.ts'
import { keyReference } from '../shared/secrets.ts'
import { evaluateAhead, type Facts } from './evaluate-ahead.ts'
import { type KeyOfKind, modelKeyProblem, noKeyWarning } from './foretell-keys.ts'
import { foretellUploads, type Glance } from './foretell-uploads.ts'
import type { Knowledge } from './knowledge.ts'
import type { OtherSite } from './other-site.ts'
import type { Target } from './spending.ts'
import { targetProblem } from './to-request.ts'

/** One thing RunningHub would refuse; the executor's form of a problem. */
export type Foretold = {
  readonly code: string
  readonly message: string
  readonly details: string
  readonly hint?: string
  readonly input?: string
  /** Told, and holds up nothing. */
  readonly isWarning?: boolean
  readonly extra: Readonly<Record<string, unknown>>
}

type Options = {
  readonly catalogue: { find(type: string): { readonly definition: NodeDefinition } | undefined }
  readonly knowledge: Knowledge
  readonly clock: Clock
  siteName(settings: RunningHubSettings): Promise<string>
  /** Of the key that settings come to, and a kept one of that site that may call models; undefined in the sandbox, and when nobody knows. */
  keyKind(settings: RunningHubSettings, mode: Options['mode']): Promise<KeyOfKind | undefined>
  /** The site on which a workflow or app is that this one does not know. */
  otherSite(here: string, kind: 'workflow' | 'app', id: string): Promise<OtherSite | undefined>
  /** A file by its name in the input folder or its path. */
  glance(written: string): Promise<Glance | undefined>
  /** `ask`: the site is asked about what is not known yet. `known`: nobody is asked (the editor, while people type). */
  readonly mode: 'ask' | 'known'
}

/** A site that does not answer must not hold up a run: then the create itself will tell. */
const askMs = 4_000
/** A description younger than this is not asked for again before it is believed. */
const freshMs = 60_000

/**
 * The check before paying: follows settings and node infos through the graph as far as they are known before a run, and compares
 * them with what is known of the cloud workflow or app. Problems by the node where they are mended. Never throws.
 */
export async function foretell(
  facts: Facts,
  options: Options,
): Promise<ReadonlyMap<string, readonly Foretold[]>> {
  const found = new Map<string, Foretold[]>()
  const { order, prompt } = facts
  const definitionOf = (nodeId: string) =>
    options.catalogue.find(prompt[nodeId]?.class_type ?? '')?.definition
  for (const [nodeId, problems] of await foretellUploads(facts, definitionOf, options.glance)) {
    found.set(nodeId, [...problems])
  }
  if (!order.some(nodeId => definitionOf(nodeId)?.foretell)) return found

  const { tasks, makers } = await evaluateAhead(facts, definitionOf)
  for (const [nodeId, task] of tasks) {
    const warning = await noKeyWarning(task.settings, options.siteName)
    if (warning) {
      const at = makers.get(task.settings) ?? nodeId
      const list = found.get(at) ?? []
      if (!list.some(({ code }) => code === warning.code)) found.set(at, [...list, warning])
      continue
    }
    if (task.kind === 'model') {
      const problem = await modelKeyProblem(makers.get(task.settings), () =>
        options.keyKind(task.settings, options.mode),
      )
      const maker = problem?.extra.fix === undefined ? undefined : makers.get(task.settings)
      const at = maker ?? nodeId
      // Settings that feed several models are put right once.
      if (problem && !found.has(at)) found.set(at, [problem])
      continue
    }
    const problems = await problemsOf(task, options)
    for (const problem of problems) {
      const item = problem.index === undefined ? undefined : task.nodeInfoList[problem.index]
      const maker = problem.isOfSettings ? makers.get(task.settings) : item && makers.get(item)
      const at = maker ?? nodeId
      // Settings that feed several tasks are put right once.
      if (problem.isOfSettings && found.get(at)?.some(({ code }) => code === problem.code)) continue
      const list = found.get(at) ?? []
      list.push(toProblem(problem, definitionOf(at), item))
      found.set(at, list)
    }
  }
  return found
}

/** A standard model's price can be asked for with what will be sent. */
type ForetoldTarget = Target & {
  readonly model?: { readonly settings: RunningHubSettings; readonly body: object }
}

/** The targets a graph will create tasks of, as far as they are known before a run; `unknown` counts the rest. */
export async function foretellTargets(
  facts: Facts,
  options: Pick<Options, 'catalogue' | 'siteName'>,
): Promise<{ readonly targets: readonly ForetoldTarget[]; readonly unknown: number }> {
  const definitionOf = (nodeId: string) =>
    options.catalogue.find(facts.prompt[nodeId]?.class_type ?? '')?.definition
  const paying = facts.order.filter(nodeId => definitionOf(nodeId)?.foretell).length
  const { tasks } = await evaluateAhead(facts, definitionOf)
  const targets: ForetoldTarget[] = []
  for (const task of tasks.values()) {
    const { settings, kind } = task
    const site = await options.siteName(settings).catch(() => undefined)
    if (site === undefined) continue
    if (task.kind === 'model') {
      const { endpoint: targetId, body } = task
      targets.push({ site, kind, targetId, ...(body && { model: { settings, body } }) })
      continue
    }
    const targetId = settings.targetId.trim()
    if (/^\d+$/.test(targetId)) targets.push({ site, kind, targetId })
  }
  return { targets, unknown: paying - targets.length }
}

type CloudTask = Exclude<ForetoldTask, { kind: 'model' }>

type Problem = Omit<ItemProblem, 'index' | 'code'> & {
  readonly index?: number
  readonly code: string
  /** Inputs of the node itself that would put it right. */
  readonly inputs?: Readonly<Record<string, unknown>>
  /** Told at the settings node, whose inputs they are. */
  readonly isOfSettings?: true
}

async function problemsOf(task: CloudTask, options: Options): Promise<readonly Problem[]> {
  const { settings, kind } = task
  const id = settings.targetId.trim()
  const wrong = targetProblem(kind, id)
  if (wrong) {
    const { code, message, hint = '' } = wrong
    return [{ code, message, hint, isOfSettings: true }]
  }
  const site = await options.siteName(settings).catch(() => undefined)
  if (site === undefined) return []
  const items = task.nodeInfoList.map(({ nodeId, fieldName, fieldValue }) => ({
    nodeId,
    fieldName,
    value: (fieldValue as unknown) === notYetKnown ? undefined : fieldValue,
  }))
  const known = options.knowledge.known({ site, kind, id })
  if (options.mode === 'known') return known ? checkItems(known, items) : []
  try {
    if (known) {
      const problems = checkItems(known, items)
      const isFresh = options.clock.now() - known.fetchedAt < freshMs
      // It may have been changed on the site since: asked again before anybody is held up.
      if (problems.length === 0 || isFresh) return problems
    }
    return checkItems(await ask(task, id, options, known !== undefined), items)
  } catch (error) {
    return error instanceof CloudError ? await refusedProblem(error, task, { site, id }, options) : []
  }
}

function ask(task: CloudTask, id: string, options: Options, refresh: boolean): Promise<CloudDescription> {
  const { settings, kind } = task
  return withDeadline(options.clock, askMs, new AbortController().signal, signal =>
    options.knowledge.describe({ settings, kind, id }, { refresh, signal }),
  )
}

/** The site has no such thing, or will not run it: a create would be refused for the same reason. */
async function refusedProblem(
  error: CloudError,
  task: CloudTask,
  { site, id }: { site: string; id: string },
  options: Options,
): Promise<readonly Problem[]> {
  const { cloudCode } = error
  if (cloudCode !== 380 && cloudCode !== 810 && cloudCode !== 901) return []
  const other = task.kind === 'app' ? 'workflow' : 'app'
  const isOther =
    cloudCode !== 810 &&
    (await ask({ ...task, kind: other }, id, options, false).then(
      described => !described.isOpen,
      () => false,
    ))
  const elsewhere = isOther || cloudCode === 810 ? undefined : await options.otherSite(site, task.kind, id)
  if (elsewhere) return [otherSiteProblem(elsewhere, task, { site, id })]
  const isRounded = id.length > 16 && String(Number(id)) === id
  const hint = isOther
    ? `It is the id of ${other === 'app' ? 'an AI app' : 'a cloud workflow'}: turn is_webapp_task ${other === 'app' ? 'on' : 'off'}.`
    : isRounded
      ? `The id ends in zeros as rounded ones do: copy it again from the address of the page. ${error.hint ?? ''}`.trim()
      : error.hint
  return [
    {
      code: isOther ? 'cloud-other-kind' : error.code,
      message: error.message,
      hint: hint ?? '',
      ...(isOther && { inputs: { is_webapp_task: other === 'app' } }),
    },
  ]
}

/** It is on RunningHub's other site, whose keys are others: the settings lead to the wrong one. */
function otherSiteProblem(
  { site: other, key }: OtherSite,
  { kind }: CloudTask,
  { site, id }: { site: string; id: string },
): Problem {
  const host = new URL(other).host
  const here = new URL(site).host
  return {
    code: 'cloud-other-site',
    message:
      kind === 'app'
        ? `AI app ${id} is on ${host}, not on ${here}.`
        : `Workflow ${id} is on ${host}, not on ${here}.`,
    hint:
      key === undefined
        ? `Add a key of ${host} with "rh-bridge keys add", and choose it in RH Settings.`
        : `Choose the key "${key}" and the address ${other} in RH Settings.`,
    ...(key !== undefined && {
      inputs: { base_url: other, apiKey: keyReference(key) },
      isOfSettings: true as const,
    }),
  }
}

/** The problem at the node's own input, with what a button would write there. */
function toProblem(
  problem: Problem,
  definition: NodeDefinition | undefined,
  item: NodeInfo | undefined,
): Foretold {
  const inputs = definition?.infoInputs
  const { nodeId, fieldName, value } = problem.fix ?? {}
  const ownName = item && definition?.moreInputs ? `${item.nodeId}.${item.fieldName}` : undefined
  const fix =
    inputs === undefined
      ? ownName !== undefined && value !== undefined
        ? { [ownName]: value }
        : undefined
      : problem.fix && {
          ...(nodeId !== undefined && { [inputs.nodeId]: nodeId }),
          ...(fieldName !== undefined && { [inputs.fieldName]: fieldName }),
          ...(value !== undefined && { [inputs.value]: value }),
        }
  const isAboutValue = problem.code.startsWith('cloud-value')
  const input = inputs
    ? problem.code === 'cloud-node-unknown'
      ? inputs.nodeId
      : isAboutValue
        ? inputs.value
        : inputs.fieldName
    : ownName
  return {
    code: problem.code,
    message: problem.message,
    details: '',
    hint: problem.hint,
    ...(input !== undefined && { input }),
    extra: {
      ...(input !== undefined && { input_name: input }),
      ...(problem.inputs ? { fix: problem.inputs } : fix && { fix }),
    },
  }
}
