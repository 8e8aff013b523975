import { Router } from 'express'
import { objectInfo } from '../comfy/object-info.ts'
import { sendJson } from './answer.ts'
import type { Services } from './services.ts'

/** /object_info (ComfyUI: its reference, section 7). An unknown class is `{}` with 200. */
export function describeRoutes({ bridge }: Services): Router {
  const router = Router()

  router.get('/object_info', async (_request, response) => {
    const listed = await bridge.assets.listInputs()
    const entries = await Promise.all(
      bridge.catalogue.all.map(
        async node => [node.type, await objectInfo(node, async kind => listed[kind])] as const,
      ),
    )
    sendJson(response, Object.fromEntries(entries))
  })

  router.get('/object_info/:type', async (request, response) => {
    const found = bridge.catalogue.find(request.params.type)
    if (!found || found.alias) return sendJson(response, {})
    const listed = await bridge.assets.listInputs()
    const { definition } = found
    sendJson(response, { [definition.type]: await objectInfo(definition, async kind => listed[kind]) })
  })
  return router
}
