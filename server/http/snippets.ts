import { join, resolve, sep } from 'node:path'
import type { Router } from 'express'
import type { z } from 'zod'
import { writeJson } from '../shared/lossless-json.ts'
import { makeSnippets } from '../snippets/index.ts'
import { graphOf, HttpError, readObject, sendJson } from './answer.ts'
import type { Services } from './services.ts'
import { type snippetsSchema, snippetWishSchema } from './snippet-schemas.ts'

/** A graph as something to run from elsewhere. Nothing is started, and nothing of it is kept. */
export function addSnippetRoute(router: Router, { bridge, facts }: Services): void {
  router.post('/snippets', async (request, response) => {
    const body = await readObject(request)
    const wish = snippetWishSchema.safeParse(body)
    if (!wish.success) {
      throw new HttpError(
        400,
        'bad-snippet',
        `The request is not understood: ${wish.error.issues[0]?.message ?? ''}`,
        'Send { "workflow": …, "server"?: "http://…", "file"?: "saved.json" }.',
      )
    }
    const { server = `${request.protocol}://${request.headers.host ?? ''}`, file } = wish.data
    // As parsed losslessly, not as the schema copied it.
    const { prompt } = await bridge.importFile(writeJson(graphOf(body)), { keys: 'leave' })
    const snippets = makeSnippets({
      prompt,
      definitionOf: type => bridge.catalogue.find(type)?.definition,
      server: server.replace(/(?<!\/)\/+$/, ''),
      needsToken: facts.needsToken,
      place: bridge.config,
      secrets: await bridge.knownSecrets(),
      ...(file !== undefined && { file: savedFile(bridge.config.dataDir, file) }),
    })
    sendJson(response, snippets satisfies z.infer<typeof snippetsSchema>)
  })
}

function savedFile(dataDir: string, name: string): string {
  const folder = join(dataDir, 'workflows')
  const path = resolve(folder, name)
  if (path.startsWith(folder + sep)) return path
  throw new HttpError(400, 'path-outside', 'That is no saved workflow.')
}
