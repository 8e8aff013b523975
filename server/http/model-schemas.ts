import { z } from 'zod'

const problemSchema = z.object({
  index: z.number(),
  name: z.string(),
  message: z.string(),
  /** Whether the entry has no node at all. */
  skipped: z.boolean(),
})

/** What /bridge/models answers. */
export const modelsSchema = z.object({
  registries: z.array(
    z.object({
      name: z.string(),
      version: z.string().nullable(),
      models: z.number(),
      problems: z.array(problemSchema),
      refusal: z.string().nullable(),
    }),
  ),
  models: z.array(
    z.object({
      type: z.string(),
      title: z.string(),
      titleZh: z.string(),
      endpoint: z.string(),
      output: z.enum(['image', 'video', 'audio', '3d', 'string']),
      category: z.string(),
      registry: z.string(),
    }),
  ),
})

export const modelImportSchema = z.object({
  name: z.string(),
  version: z.string().nullable(),
  path: z.string(),
  models: z.number(),
  added: z.number(),
  replaced: z.number(),
  clashes: z.array(z.string()),
  problems: z.array(problemSchema),
})
