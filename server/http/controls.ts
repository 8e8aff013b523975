import type { Router } from 'express'
import type { z } from 'zod'
import type { Language } from '../../words/index.ts'
import type { CheckedPrompt } from '../executor/index.ts'
import { sayProblem } from '../executor/index.ts'
import type { StoredRun } from '../queue/index.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { readWorkflow } from '../workflow/index.ts'
import { graphOf, HttpError, readObject, sendJson } from './answer.ts'
import type { checkSchema, limitsSchema, pinsSchema } from './control-schemas.ts'
import { languageOf, told } from './language.ts'
import { forceIn } from './run-wishes.ts'
import type { Services } from './services.ts'

/** What is done to runs and nodes while they go on and after: to the front, stop one node, freeze; and the live check, and the limits. */
export function addControlRoutes(router: Router, services: Services): void {
  const { bridge, queue } = services

  function findRun(id: string): StoredRun {
    const run = queue.find(id)
    if (!run) throw new HttpError(404, 'no-run', 'There is no such run.', 'See /bridge/runs.')
    return run
  }
  function findNode(id: string, nodeId: string) {
    const run = findRun(id)
    const node = Object.hasOwn(run.prompt, nodeId) ? run.prompt[nodeId] : undefined
    if (!node) throw new HttpError(404, 'no-node', `The run has no node ${nodeId}.`)
    return { run, node }
  }

  router.post('/runs/:id/front', (request, response) => {
    sendJson(response, { moved: queue.toFront(findRun(request.params.id).id) })
  })

  router.post('/runs/:id/nodes/:nodeId/stop', (request, response) => {
    const { id, nodeId } = request.params
    findNode(id, nodeId)
    sendJson(response, { stopped: queue.stopNode(id, nodeId) })
  })

  router.post('/runs/:id/nodes/:nodeId/freeze', async (request, response) => {
    const { id, nodeId } = request.params
    const { run, node } = findNode(id, nodeId)
    const resultId = run.results?.[nodeId]
    const pin =
      resultId === undefined
        ? undefined
        : await bridge
            .pins()
            .freeze({ runId: id, nodeId, nodeType: node.class_type, resultId, frozen: node._meta?.frozen })
    if (pin === undefined) {
      throw new HttpError(
        409,
        'no-result',
        'This node gave no result in that run, or it is no longer kept.',
        'Run again, then freeze it.',
      )
    }
    sendJson(response, { pin })
  })

  router.get('/pins', (_request, response) => {
    const pins = bridge
      .pins()
      .all()
      .map(({ pin, runId, nodeId, nodeType, bytes, createdAt }) => ({
        ...{ pin, runId, nodeId, nodeType, bytes, createdAt },
      }))
    sendJson(response, { pins } satisfies z.infer<typeof pinsSchema>)
  })

  router.delete('/pins/:pin', async (request, response) => {
    if (!(await bridge.pins().remove(request.params.pin))) {
      throw new HttpError(404, 'no-pin', 'There is no such frozen result.', 'See /bridge/pins.')
    }
    sendJson(response, { removed: true })
  })

  router.post('/check', async (request, response) => {
    const body = await readObject(request)
    const source = graphOf(body)
    // Keys stay where they are: this is only a look.
    const { prompt, workflow = null, report } = readWorkflow(writeJson(source), bridge)
    const extra = typeof body.extra_data === 'object' ? body.extra_data : null
    const force = extra === null || Array.isArray(extra) ? undefined : forceIn(extra)
    const checked = await bridge.check(prompt, { force })
    sendJson(response, {
      workflow,
      prompt,
      report,
      ...describeCheck(checked, languageOf(request)),
    } satisfies z.infer<typeof checkSchema>)
  })

  router.get('/limits', (_request, response) => sendJson(response, limits()))

  router.patch('/limits', async (request, response) => {
    await bridge.limits.change(await readObject(request))
    sendJson(response, limits())
  })

  function limits(): z.infer<typeof limitsSchema> {
    return { ...bridge.limits.get(), fromFlags: [...bridge.limits.fromFlags] }
  }
}

type Check = z.infer<typeof checkSchema>

function describeCheck(
  checked: CheckedPrompt,
  language: Language,
): Pick<Check, 'problems' | 'warnings' | 'outputs'> {
  const describe = (problem: CheckedPrompt['problems'][number]) => {
    const { nodeId, nodeType, input, code } = problem
    // Those of the check before paying (server/wiring/foretell.ts).
    const { fix } = problem.extra as Pick<Check['problems'][number], 'fix'>
    const more = { ...(input !== undefined && { input }), ...(fix && { fix }) }
    return { nodeId, nodeType, ...told({ code, ...sayProblem(problem) }, language), ...more }
  }
  const { problems, warnings, outputs } = checked
  return { problems: problems.map(describe), warnings: warnings.map(describe), outputs: [...outputs] }
}
