import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Router } from 'express'
import { z } from 'zod'
import { systemCodeOf } from '../shared/errors.ts'
import { parseJson } from '../shared/lossless-json.ts'
import { sendJson } from './answer.ts'

const shelf = z.array(
  z.object({
    name: z.string(),
    title: z.string(),
    titleZh: z.string().optional(),
    description: z.string(),
    descriptionZh: z.string().optional(),
  }),
)

/** Our examples as templates: what ComfyUI's frontend browses, and our own gallery (ComfyUI: /templates, /workflow_templates). */
export function templateRoutes(examplesDir: string): Router {
  const router = Router()
  const names = async () =>
    (await readdir(examplesDir))
      .filter(name => name.endsWith('.json') && name !== 'index.json')
      .map(name => name.slice(0, -5))
  const read = async (name: string, extension: string) =>
    (await names()).includes(name)
      ? readFile(join(examplesDir, `${name}${extension}`)).catch(() => undefined)
      : undefined

  router.get('/workflow_templates', async (_request, response) =>
    sendJson(response, { 'rh-bridge': await names() }),
  )
  router.get('/workflow_templates/rh-bridge/:file', async (request, response, next) => {
    const [, name = '', extension = ''] = /^(.*)\.(json|jpg)$/.exec(request.params.file) ?? []
    const bytes = await read(name, `.${extension}`)
    if (!bytes) return next()
    response.type(extension).send(bytes)
  })

  router.get('/templates/index.json', async (_request, response) => {
    const described = await readShelf(examplesDir)
    const listed = (await names()).map(
      name => described.find(entry => entry.name === name) ?? { name, title: name, description: '' },
    )
    // The Chinese words are for our own gallery; ComfyUI's frontend passes over what it does not know.
    const templates = listed.map(example => ({
      ...example,
      mediaType: 'image',
      mediaSubtype: 'webp',
      tags: ['RunningHub'],
    }))
    sendJson(response, [
      { moduleName: 'default', title: 'RunningHub', type: 'image', category: 'RunningHub', templates },
    ])
  })
  router.get('/templates/:file', async (request, response, next) => {
    const picture = /^(.*)-1\.webp$/.exec(request.params.file)
    const name = picture?.[1] ?? /^(.*)\.json$/.exec(request.params.file)?.[1]
    const bytes = name === undefined ? undefined : await read(name, picture ? '.webp' : '.json')
    if (!bytes) return next()
    response.type(picture ? 'webp' : 'json').send(bytes)
  })
  return router
}

/** What index.json says of the examples; an example it does not know goes by its name. */
async function readShelf(examplesDir: string): Promise<z.infer<typeof shelf>> {
  try {
    return shelf.parse(parseJson(await readFile(join(examplesDir, 'index.json'), 'utf8')))
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  }
}
