import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { type Response, Router } from 'express'
import { pathInside } from '../assets/index.ts'
import { BridgeError } from '../shared/errors.ts'
import { HttpError, query, readBody, sendJson } from './answer.ts'

type Info = { path: string; size: number; modified: number; created: number }

/**
 * /userdata: the files of the person at this server, workflows among them (ComfyUI: its reference, 5.5). `workflows/…` is the data folder's
 * own `workflows`, everything else lies in `user`.
 */
export function userdataRoutes(folders: { user: string; workflows: string }): Router {
  const router = Router()

  function locate(name: string): string {
    const [first, ...rest] = name.replaceAll('\\', '/').split('/')
    try {
      if (first !== 'workflows') return pathInside(folders.user, name)
      return rest.length === 0 ? folders.workflows : pathInside(folders.workflows, rest.join('/'))
    } catch (error) {
      if (error instanceof BridgeError)
        throw new HttpError(403, 'path-outside', 'That name leaves the folder.')
      throw error
    }
  }
  const isFlag = (text: string | undefined) => text === 'true' || text === '1'

  router.get('/userdata', async (request, response) => {
    const dir = query(request, 'dir')
    if (!dir) return sendText(response, 400, 'Directory not provided')
    const root = locate(dir)
    const recurse = isFlag(query(request, 'recurse'))
    const files = await list(root, recurse)
    if (!files) return sendText(response, 404, 'Directory not found')
    if (isFlag(query(request, 'full_info'))) return sendJson(response, files)
    const isSplit = isFlag(query(request, 'split'))
    sendJson(
      response,
      files.map(({ path }) => (isSplit ? [path, ...path.split('/')] : path)),
    )
  })

  router.get('/v2/userdata', async (request, response) => {
    const path = query(request, 'path') ?? ''
    const root = path === '' ? folders.user : locate(path)
    const entries = await readdir(root, { withFileTypes: true }).catch(() => undefined)
    if (!entries) return sendText(response, 404, 'Directory not found')
    const items = await Promise.all(
      entries.map(async entry => {
        const facts = await stat(join(root, entry.name)).catch(() => undefined)
        if (!facts) return []
        const common = { name: entry.name, path: path === '' ? entry.name : `${path}/${entry.name}` }
        if (entry.isDirectory()) return [{ ...common, type: 'directory' }]
        // In seconds here, in milliseconds at /userdata (ComfyUI).
        return [{ ...common, type: 'file', size: facts.size, modified: facts.mtimeMs / 1000 }]
      }),
    )
    sendJson(response, items.flat())
  })

  router.get('/userdata/:file', async (request, response) => {
    const path = locate(request.params.file)
    const bytes = await readFile(path).catch(() => undefined)
    if (!bytes) return sendText(response, 404, '')
    // Workflows are read by scripts, never shown as a page.
    response.type(path.endsWith('.json') ? 'application/json' : 'application/octet-stream').send(bytes)
  })

  router.post('/userdata/:file', async (request, response) => {
    const name = request.params.file
    const path = locate(name)
    if (query(request, 'overwrite') === 'false' && (await exists(path))) {
      return sendText(response, 409, 'File already exists')
    }
    const bytes = await readBody(request)
    await mkdir(dirname(path), { recursive: true })
    // Whole or not at all, and several may write the same file.
    const part = `${path}.${randomUUID()}.part`
    try {
      await writeFile(part, bytes)
      await rename(part, path)
    } finally {
      await rm(part, { force: true })
    }
    sendJson(response, isFlag(query(request, 'full_info')) ? await info(path, name) : name)
  })

  router.delete('/userdata/:file', async (request, response) => {
    const path = locate(request.params.file)
    if (!(await exists(path))) return sendText(response, 404, '')
    await rm(path)
    response.status(204).end()
  })

  router.post('/userdata/:file/move/:dest', async (request, response) => {
    const [from, to] = [locate(request.params.file), locate(request.params.dest)]
    if (!(await exists(from))) return sendText(response, 404, '')
    if (query(request, 'overwrite') === 'false' && (await exists(to))) {
      return sendText(response, 409, 'File already exists')
    }
    await mkdir(dirname(to), { recursive: true })
    await rename(from, to)
    const name = request.params.dest
    sendJson(response, isFlag(query(request, 'full_info')) ? await info(to, name) : name)
  })
  return router
}

async function list(root: string, recurse: boolean): Promise<Info[] | undefined> {
  const entries = await readdir(root, { withFileTypes: true, recursive: recurse }).catch(() => undefined)
  if (!entries) return undefined
  const files = entries.filter(entry => entry.isFile() && !entry.name.endsWith('.part'))
  const infos = await Promise.all(
    files.map(async entry => {
      const path = join(entry.parentPath, entry.name)
      // A file that went meanwhile is left out.
      return info(path, relative(root, path).split(sep).join('/')).catch(() => undefined)
    }),
  )
  return infos.filter(found => found !== undefined)
}

async function info(path: string, name: string): Promise<Info> {
  const facts = await stat(path)
  return {
    path: name,
    size: facts.size,
    modified: Math.round(facts.mtimeMs),
    created: Math.round(facts.birthtimeMs),
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    facts => facts.isFile(),
    () => false,
  )
}

function sendText(response: Response, status: number, text: string): void {
  // Several clients read every body of a status from 400 on as JSON (ComfyUI: clients).
  if (status >= 400)
    sendJson(response, { error: { code: `http-${status}`, message: text || 'Not found' } }, status)
  else response.status(status).type('text/plain').send(text)
}
