import { z } from 'zod'
import { batchRoutes } from './batch-routes.ts'
import {
  assetSchema,
  decisionSchema,
  healthSchema,
  importSchema,
  queuedSchema,
  runSchema,
  runSummarySchema,
  runWishSchema,
  unknownSchema,
} from './bridge-schemas.ts'
import { callRoutes } from './call-routes.ts'
import { cloudRoutes } from './cloud-routes.ts'
import {
  checkSchema,
  extraDataSchema,
  frontSchema,
  limitChangesSchema,
  limitsSchema,
  pinSchema,
  pinsSchema,
  removedSchema,
  stoppedSchema,
} from './control-schemas.ts'
import { costsSchema, estimateSchema } from './cost-schemas.ts'
import { keyRoutes } from './key-routes.ts'
import { modelImportSchema, modelsSchema } from './model-schemas.ts'
import { snippetsSchema, snippetWishSchema } from './snippet-schemas.ts'

export type Route = {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  readonly path: string
  readonly summary: string
  readonly query?: Readonly<Record<string, z.ZodType>>
  readonly body?: z.ZodType | 'file'
  readonly answer: z.ZodType
}

/** The product's own routes, by the very schemas the code uses. */
export const routes: readonly Route[] = [
  {
    method: 'get',
    path: '/bridge/openapi.json',
    summary: 'This document',
    answer: z.record(z.string(), z.unknown()),
  },
  {
    method: 'get',
    path: '/bridge/health',
    summary: 'Whether the server works, and where graphs run',
    answer: healthSchema,
  },
  {
    method: 'post',
    path: '/bridge/import',
    summary: 'Any workflow file -> workflow, prompt and report',
    query: {
      echo: z
        .enum(['true', 'false'])
        .default('true')
        .describe('false: no workflow and no prompt for a workflow without keys, whose sender has it'),
      keys: z.enum(['keep', 'leave', 'remove']).default('keep'),
      keyName: z.string().optional(),
    },
    body: 'file',
    answer: importSchema,
  },
  {
    method: 'post',
    path: '/bridge/fetch',
    summary: 'The file a link names, as bytes; its name in X-File-Name',
    body: z.object({ url: z.url() }),
    answer: z.unknown(),
  },
  {
    method: 'post',
    path: '/bridge/run',
    summary: 'Queue a run from a workflow (or a prompt)',
    body: z.object({
      workflow: z.unknown().optional(),
      prompt: z.unknown().optional(),
      client_id: z.string().optional(),
      prompt_id: z.string().optional(),
      front: z.boolean().optional(),
      partial_execution_targets: z.array(z.string()).optional(),
      extra_data: extraDataSchema.optional(),
    }),
    answer: queuedSchema,
  },
  {
    method: 'get',
    path: '/bridge/runs',
    summary: 'Running, waiting and finished runs, newest first',
    query: runWishSchema.extend({ limit: z.int().min(1).max(500).default(50) }).shape,
    answer: z.object({ runs: z.array(runSummarySchema) }),
  },
  {
    method: 'get',
    path: '/bridge/runs/{id}',
    summary: 'One run with its nodes, tasks, costs and files',
    answer: runSchema,
  },
  {
    method: 'post',
    path: '/bridge/runs/{id}/stop',
    summary: 'Stop a run, or take it out of the line',
    answer: stoppedSchema,
  },
  {
    method: 'post',
    path: '/bridge/runs/{id}/front',
    summary: 'Make a waiting run the next',
    answer: frontSchema,
  },
  {
    method: 'post',
    path: '/bridge/runs/{id}/nodes/{nodeId}/stop',
    summary: 'Stop one node of a run; what depends on it is skipped, the rest goes on',
    answer: stoppedSchema,
  },
  {
    method: 'post',
    path: '/bridge/runs/{id}/nodes/{nodeId}/freeze',
    summary: 'Keep what a node gave in a run for good; the answer is the pin for the node to carry',
    answer: pinSchema,
  },
  ...callRoutes,
  { method: 'get', path: '/bridge/pins', summary: 'Frozen results, newest first', answer: pinsSchema },
  {
    method: 'delete',
    path: '/bridge/pins/{pin}',
    summary: 'Let a frozen result go, with its files',
    answer: removedSchema,
  },
  {
    method: 'post',
    path: '/bridge/check',
    summary: 'What a workflow or prompt holds, and every problem; nothing is started or kept',
    body: z.object({
      workflow: z.unknown().optional(),
      prompt: z.unknown().optional(),
      extra_data: extraDataSchema.optional(),
    }),
    answer: checkSchema,
  },
  {
    method: 'post',
    path: '/bridge/snippets',
    summary: 'A graph as a command, for curl, Python and TypeScript; nothing is started or kept',
    body: snippetWishSchema,
    answer: snippetsSchema,
  },
  {
    method: 'get',
    path: '/bridge/limits',
    summary: 'How much runs at a time and is kept',
    answer: limitsSchema,
  },
  {
    method: 'patch',
    path: '/bridge/limits',
    summary: 'Change limits, now and for every start without a flag',
    body: limitChangesSchema,
    answer: limitsSchema,
  },
  {
    method: 'get',
    path: '/bridge/unknown',
    summary: 'Creates whose answer was lost and that wait for a decision',
    answer: z.object({ unknown: z.array(unknownSchema) }),
  },
  {
    method: 'post',
    path: '/bridge/unknown/{seq}',
    summary: 'Decide: adopt a task by its id, submit again, or give up',
    body: decisionSchema,
    answer: z.object({ unknown: z.array(unknownSchema) }),
  },
  {
    method: 'get',
    path: '/bridge/assets',
    summary: 'Files of the input, output or temp folder, newest first',
    query: { type: assetSchema.shape.type.default('output'), limit: z.int().min(1).max(2000).default(200) },
    answer: z.object({ assets: z.array(assetSchema) }),
  },
  ...batchRoutes,
  {
    method: 'get',
    path: '/bridge/costs',
    summary: 'What was paid, added up by run, day, target or key, newest first',
    query: { by: costsSchema.shape.by.default('day'), from: z.string(), to: z.string() },
    answer: costsSchema,
  },
  {
    method: 'get',
    path: '/bridge/costs.csv',
    summary: 'One line a task, for spreadsheets',
    query: { from: z.string(), to: z.string() },
    answer: z.string(),
  },
  {
    method: 'post',
    path: '/bridge/estimate',
    summary: 'What a graph will cost, and where the figure comes from',
    body: z.object({ workflow: z.unknown().optional(), prompt: z.unknown().optional() }),
    answer: estimateSchema,
  },
  ...cloudRoutes,
  {
    method: 'get',
    path: '/bridge/models',
    summary: 'Standard models that have a node, and the registries they come from',
    answer: modelsSchema,
  },
  {
    method: 'post',
    path: '/bridge/models',
    summary:
      'Add a registry of standard models: a file, the JSON itself, or { "url" }; replaces one of that name',
    query: { name: z.string() },
    body: 'file',
    answer: modelImportSchema,
  },
  {
    method: 'delete',
    path: '/bridge/models/{name}',
    summary: 'Take a registry away',
    answer: modelsSchema,
  },
  ...keyRoutes,
]
