import type { JsonValue } from '../../shared/lossless-json.ts'
import type { JsonBody } from '../call.ts'
import type { SandboxModel, SandboxParam } from '../types.ts'
import type { Target } from './index.ts'
import type { Behaviour, FileSpec } from './special.ts'
import { sdxlGraph } from './workflows.ts'

/** Model paths that play an adverse case, whoever asks. */
const specialModels: Readonly<Record<string, Behaviour>> = {
  'sandbox/nothing': { files: [] },
  'sandbox/refused-content': { ending: 'error-without-reason', failCode: 1501 },
  'sandbox/slow': { runMs: 60_000 },
  'sandbox/many': { files: Array.from({ length: 7 }, (): FileSpec => ({ kind: 'picture' })) },
}

/** What a model makes and how long it takes. */
export function modelTarget(path: string, model: SandboxModel | undefined, body: JsonBody): Target {
  const output = model?.output ?? outputOfPath(path)
  return {
    id: path,
    name: path,
    graph: sdxlGraph,
    fields: 'open',
    behaviour: specialModels[path] ?? {
      files: filesOf(output, body),
      ...(output === 'video' && { runMs: 8000 }),
      // A text comes in the answer itself.
      ...(output === 'string' && { inlineText: true as const }),
    },
  }
}

/** What comes out, told by the end of the path: `text-to-video`, `image-to-3d`, else by its family. */
export function outputOfPath(path: string): SandboxModel['output'] {
  const last = path.split('/').at(-1) ?? ''
  const made = /to-([a-z0-9]+)$/.exec(last)?.[1] ?? path
  if (/video/.test(made)) return 'video'
  if (/audio|music|speech|voice/.test(made)) return 'audio'
  if (/3d|mesh/.test(made)) return '3d'
  return /text|chat/.test(made) ? 'string' : 'image'
}

function filesOf(output: SandboxModel['output'], body: JsonBody): FileSpec[] {
  if (output === 'video' || output === 'audio') return [{ kind: output }]
  if (output === '3d') return [{ kind: 'glb' }]
  if (output === 'string') {
    const prompt = typeof body.prompt === 'string' ? body.prompt : ''
    return [{ kind: 'text', text: `The sandbox has read this, and has nothing to add:\n${prompt}` }]
  }
  return Array.from({ length: pictures(body) }, (): FileSpec => ({ kind: 'picture' }))
}

const countFields = ['n', 'imageNum', 'numImages', 'imageCount']

function pictures(body: JsonBody): number {
  const said = Number(countFields.map(name => body[name]).find(value => value !== undefined) ?? 1)
  return Number.isInteger(said) ? Math.min(8, Math.max(1, said)) : 1
}

/** Made-up prices in CNY, as texts: videos by second and size, pictures each. */
export function priceOf(output: SandboxModel['output'], body: JsonBody): string {
  const seconds = Math.max(1, Number(body.duration ?? 5) || 5)
  const size = { '1080p': 2, '4k': 4, '480p': 0.6 }[String(body.resolution).toLowerCase()] ?? 1
  const price = {
    video: 0.07 * seconds * size,
    image: 0.06 * pictures(body),
    audio: 0.1,
    '3d': 1.5,
    string: 0.02,
  }[output]
  return String(Number(price.toFixed(4)))
}

/** What is wrong with the first field that is, as the cloud says it; undefined when all is well. */
export function wrongField({ params }: SandboxModel, body: JsonBody): string | undefined {
  for (const param of params) {
    if (param.suffix !== undefined) continue
    const value = body[param.key]
    const isGiven = value !== undefined && value !== null && value !== '' && !isEmptyList(value)
    if (!isGiven && param.required) return `${param.key} is required`
    const wrong = isGiven ? wrongValue(param, value) : undefined
    if (wrong !== undefined) return `${param.key} ${wrong}`
  }
  return undefined
}

const isEmptyList = (value: JsonValue) => Array.isArray(value) && value.length === 0

function wrongValue({ kind, options = [], min, max }: SandboxParam, value: JsonValue): string | undefined {
  switch (kind) {
    case 'LIST': {
      const isListed = options.length === 0 || options.some(option => option.value === value)
      return isListed ? undefined : `is none of ${options.map(option => option.value).join(', ')}`
    }
    case 'BOOLEAN':
      return typeof value === 'boolean' ? undefined : 'is true or false'
    case 'INT':
    case 'FLOAT': {
      const isNumber = typeof value === 'bigint' || typeof value === 'number'
      if (!isNumber || (kind === 'INT' && typeof value === 'number' && !Number.isInteger(value))) {
        return kind === 'INT' ? 'is a whole number' : 'is a number'
      }
      const isInside = (min === undefined || value >= min) && (max === undefined || value <= max)
      return isInside ? undefined : `is ${min ?? ''} to ${max ?? ''}`
    }
    case 'IMAGE':
    case 'VIDEO':
    case 'AUDIO': {
      const addresses = Array.isArray(value) ? value : [value]
      const areAll = addresses.every(
        item => typeof item === 'string' && /^(https?:\/\/|data:|asset:\/\/)/.test(item),
      )
      return areAll ? undefined : 'is no URL'
    }
    default:
      return typeof value === 'string' ? undefined : 'is a text'
  }
}
