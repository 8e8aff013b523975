import { readdir, stat } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import { join } from 'node:path'
import { Router } from 'express'
import { maxBodyBytes, readJson, readObject, sendJson } from './answer.ts'
import type { Services } from './services.ts'
import type { SettingsFile } from './settings-file.ts'

/** ComfyUI's version whose API this server speaks; clients compare it. */
const comfyVersion = '0.26.0'

/** What /features and the socket's feature_flags say (ComfyUI: descriptions). */
export function features(): Record<string, unknown> {
  return {
    supports_preview_metadata: true,
    max_upload_size: maxBodyBytes,
    extension: { manager: { supports_v4: false } },
    node_replacements: true,
    assets: false,
  }
}

/** Descriptions of the server, settings, users: what clients ask at start (ComfyUI: its reference, 5.5 and 13). */
export function systemRoutes(services: Services, settings: SettingsFile): Router {
  const router = Router()
  router.get('/system_stats', (_request, response) => sendJson(response, systemStats(services)))
  router.get('/features', (_request, response) => sendJson(response, features()))
  for (const path of ['/embeddings', '/extensions', '/models', '/experiment/models']) {
    router.get(path, (_request, response) => sendJson(response, []))
  }
  for (const path of ['/i18n', '/global_subgraphs', '/node_replacements', '/internal/folder_paths']) {
    router.get(path, (_request, response) => sendJson(response, {}))
  }
  router.get('/user.css', (_request, response) => void response.type('text/css').send(''))

  router.get('/users', (_request, response) => sendJson(response, { storage: 'server', migrated: true }))
  router.post('/users', (_request, response) => sendJson(response, { error: 'Duplicate username.' }, 400))

  router.get('/settings', async (_request, response) => sendJson(response, await settings.read()))
  router.post('/settings', async (request, response) => {
    await settings.merge(await readObject(request))
    response.status(200).end()
  })
  router.get('/settings/:id', async (request, response) => {
    const all = await settings.read()
    const { id } = request.params
    sendJson(response, Object.hasOwn(all, id) ? all[id] : null)
  })
  router.post('/settings/:id', async (request, response) => {
    await settings.merge({ [request.params.id]: (await readJson(request)) ?? null })
    response.status(200).end()
  })

  router.get('/internal/logs', (_request, response) => sendJson(response, ''))
  router.get('/internal/logs/raw', (_request, response) => {
    sendJson(response, { entries: [], size: { cols: 80, rows: 24 } })
  })
  router.patch('/internal/logs/subscribe', (_request, response) => void response.status(200).end())
  router.get('/internal/files/:type', async (request, response) => {
    const { type } = request.params
    if (type !== 'input' && type !== 'output' && type !== 'temp') {
      return sendJson(response, { error: 'Invalid directory type' }, 400)
    }
    sendJson(response, await newestFirst(services.bridge.assets.folders[type], type))
  })
  return router
}

function systemStats({ facts, bridge }: Services): Record<string, unknown> {
  return {
    system: {
      os: process.platform,
      ram_total: totalmem(),
      ram_free: freemem(),
      comfyui_version: comfyVersion,
      required_frontend_version: null,
      installed_templates_version: null,
      required_templates_version: null,
      comfy_package_versions: [],
      python_version: `rh-bridge ${facts.version} (Node ${process.versions.node})`,
      pytorch_version: 'none',
      embedded_python: false,
      deploy_environment: 'rh-bridge',
      argv: facts.argv,
    },
    // Clients read devices[0]; the work is done in the cloud.
    devices: [
      {
        name: bridge.config.sandbox === 'off' ? 'RunningHub cloud' : 'RunningHub cloud or sandbox',
        type: 'cloud',
        index: 0,
        vram_total: 0,
        vram_free: 0,
        torch_vram_total: 0,
        torch_vram_free: 0,
      },
    ],
  }
}

async function newestFirst(folder: string, type: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const files = await Promise.all(
    entries
      .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
      .map(async entry => ({
        name: entry.name,
        // A file that went meanwhile is as old as can be.
        at: await stat(join(folder, entry.name)).then(
          facts => facts.mtimeMs,
          () => 0,
        ),
      })),
  )
  return files.sort((a, b) => b.at - a.at).map(({ name }) => `${name} [${type}]`)
}
