import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import { queueItemText } from '../comfy/jobs.ts'
import {
  formError,
  nodeErrors,
  noPrompt,
  refusal,
  requestError,
  unknownNode,
} from '../comfy/prompt-errors.ts'
import type { CheckedPrompt } from '../executor/index.ts'
import { BridgeError } from '../shared/errors.ts'
import type { JsonValue } from '../shared/lossless-json.ts'
import type { Prompt, PromptNode } from '../shared/prompt.ts'
import { HttpError, readObject, refuseRest, sendJson, sendJsonText, statusOf, textsIn } from './answer.ts'
import { forceIn } from './run-wishes.ts'
import type { Services } from './services.ts'

type JsonObject = { [key: string]: JsonValue }

/** POST and GET /prompt, /queue, /interrupt, /free (ComfyUI: its reference, 5.1 and 5.2). */
export function promptRoutes(services: Services): Router {
  const { queue } = services
  const router = Router()

  router.get('/prompt', (_request, response) => {
    sendJson(response, { exec_info: { queue_remaining: queue.store.countOpen() } })
  })

  router.post('/prompt', async (request, response) => {
    try {
      const { status, answer } = await submit(services, await readObject(request))
      sendJson(response, answer, status)
    } catch (error) {
      // Whatever is wrong, clients look for ComfyUI's fields in the answer.
      if (!(error instanceof BridgeError) || statusOf(error) >= 500) throw error
      refuseRest(request, response)
      sendJson(response, { error: requestError(error), node_errors: {} }, statusOf(error))
    }
  })

  router.get('/queue', (_request, response) => {
    const [running, waiting] = [queue.running(), queue.store.waiting()].map(runs =>
      runs.map(queueItemText).join(','),
    )
    sendJsonText(response, `{"queue_running":[${running}],"queue_pending":[${waiting}]}`)
  })

  router.post('/queue', async (request, response) => {
    const body = await readObject(request)
    if (body.clear === true) queue.clearWaiting()
    queue.deleteWaiting(textsIn(body.delete))
    response.status(200).end()
  })

  router.post('/interrupt', async (request, response) => {
    const body = await readObject(request)
    queue.interrupt(typeof body.prompt_id === 'string' ? body.prompt_id : undefined)
    // ComfyUI's body is empty; clients that parse it as JSON are glad of an object.
    sendJson(response, {})
  })

  router.post('/free', (_request, response) => void response.status(200).end())
  return router
}

/** Checks a posted prompt and puts it into the line. The answer is ComfyUI's, for what is refused too. */
export async function submit(
  services: Services,
  body: JsonObject,
): Promise<{ status: 200 | 400; answer: Record<string, unknown> }> {
  const { bridge, queue } = services
  const number = takeNumber(services, body)
  const wrong = body.prompt === undefined ? noPrompt : formError(body.prompt)
  if (wrong) return { status: 400, answer: { error: wrong, node_errors: {} } }
  const { prompt, extra } = await bridge.takeIn(body.prompt as JsonObject, cleanExtra(body.extra_data))
  const targets = body.partial_execution_targets ? textsIn(body.partial_execution_targets) : undefined
  const checked = await bridge.check(prompt, {
    targets,
    force: forceIn(extra),
    cloud: isUnchecked(extra) ? 'off' : 'ask',
  })
  const isKnown = (type: string) => bridge.catalogue.find(type) !== undefined
  const nothing = refusal(checked)
  const error =
    nothing && checked.failedOutputs.length === 0 ? (unknownNode(prompt, isKnown) ?? nothing) : nothing
  if (error) return { status: 400, answer: { error, node_errors: nodeErrors(checked.problems) } }
  const run = queue.add({
    id: typeof body.prompt_id === 'string' && body.prompt_id !== '' ? body.prompt_id : randomUUID(),
    number,
    clientId: typeof body.client_id === 'string' ? body.client_id : undefined,
    prompt: withCasts(prompt, checked),
    extra,
    targets,
    outputsToRun: checked.outputs,
  })
  return {
    status: 200,
    answer: { prompt_id: run.id, number: run.number, node_errors: nodeErrors(checked.problems) },
  }
}

/** `extra_data.bridge.unchecked`: the check before paying is wrong about this cloud workflow, says whoever sent it. */
function isUnchecked({ bridge }: JsonObject): boolean {
  return typeof bridge === 'object' && bridge !== null && !Array.isArray(bridge) && bridge.unchecked === true
}

/** The prompt as it is kept: texts and numbers as the check has read them (ComfyUI: casts show in the stored prompt). */
function withCasts(prompt: Prompt, { literals }: CheckedPrompt): Prompt {
  const nodes = Object.entries(prompt).map(([nodeId, node]): [string, PromptNode] => {
    const read = literals.get(nodeId)
    if (!read) return [nodeId, node]
    const inputs = Object.entries(node.inputs).map(([name, value]): [string, JsonValue] => {
      // What is no plain value may mean a link or a wrapped list.
      const isPlain = typeof value !== 'object' && Object.hasOwn(read, name)
      return [name, isPlain ? (read[name] as JsonValue) : value]
    })
    return [nodeId, { ...node, inputs: Object.fromEntries(inputs) }]
  })
  // Without a prototype, because ids come from files.
  return Object.assign(Object.create(null), Object.fromEntries(nodes)) as Prompt
}

/** Lower runs first: given, or a counter that grows with every request; `front` its negative. */
function takeNumber({ queue }: Services, body: JsonObject): number {
  const counted = queue.store.nextNumber()
  if (body.number !== undefined && body.number !== null) {
    const given = Number(body.number)
    if (!Number.isFinite(given)) throw new HttpError(400, 'bad-number', '"number" is not a number.')
    return given
  }
  return body.front === true ? -counted : counted
}

/** extra_data without the account tokens of another service, which must not be kept, and without what the server adds itself. */
function cleanExtra(value: JsonValue | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const {
    auth_token_comfy_org: _token,
    api_key_comfy_org: _key,
    client_id: _id,
    create_time: _at,
    ...extra
  } = value
  return extra
}
