import { Router } from 'express'
import type { NodeDefinition } from '../../nodes/define-node.ts'
import { type ListFiles, objectInfo } from '../comfy/object-info.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { sendJson, sendJsonText } from './answer.ts'
import type { Services } from './services.ts'

/** /object_info (ComfyUI: its reference, section 7). An unknown class is `{}` with 200. */
export function describeRoutes({ bridge }: Services): Router {
  const router = Router()
  // There may be thousands of models, and none of them lists files: their text is written once.
  const written = new WeakMap<object, Promise<string>>()
  const modelsText = (catalogue: ReturnType<typeof bridge.catalogue.now>) => {
    const known = written.get(catalogue) ?? entries(catalogue.modelNodes(), async () => [])
    written.set(catalogue, known)
    return known
  }

  // Who asks first does not wait for a large registry to be read.
  setImmediate(() => void modelsText(bridge.catalogue.now()))

  router.get('/object_info', async (_request, response) => {
    const catalogue = bridge.catalogue.now()
    const listed = await bridge.assets.listInputs()
    const parts = await Promise.all([
      entries(catalogue.builtIn, async kind => listed[kind]),
      modelsText(catalogue),
    ])
    sendJsonText(response, `{${parts.filter(Boolean).join(',')}}`)
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

/** `"Type":{…},"Type":{…}` */
async function entries(nodes: readonly NodeDefinition[], listFiles: ListFiles): Promise<string> {
  const texts = await Promise.all(
    nodes.map(async node => `${JSON.stringify(node.type)}:${writeJson(await objectInfo(node, listFiles))}`),
  )
  return texts.join(',')
}
