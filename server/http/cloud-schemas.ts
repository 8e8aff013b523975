import { z } from 'zod'

/** What /bridge/cloud answers. Values are as the site gave them; whole numbers beyond 2^53 keep every digit. */
const labelSchema = z.object({ en: z.string(), zh: z.string() })
const number = z.union([z.number(), z.bigint()])

const fieldSchema = z.object({
  nodeId: z.string(),
  fieldName: z.string(),
  classType: z.string(),
  title: z.string(),
  label: labelSchema,
  kind: z.enum([
    'text',
    'int',
    'float',
    'seed',
    'toggle',
    'options',
    'image',
    'audio',
    'video',
    'file',
    'lora',
  ]),
  multiline: z.boolean(),
  value: z.union([z.string(), number, z.boolean()]),
  options: z.array(z.object({ value: z.string(), label: labelSchema })),
  min: number.optional(),
  max: number.optional(),
  step: z.number().optional(),
})

export const descriptionSchema = z.object({
  kind: z.enum(['workflow', 'app']),
  id: z.string(),
  site: z.string(),
  name: z.string(),
  cover: z.string().optional(),
  isProtected: z.boolean(),
  isOpen: z.boolean(),
  fields: z.array(fieldSchema),
  links: z.record(z.string(), z.string()),
  nodes: z.record(z.string(), z.object({ classType: z.string(), title: z.string() })),
  fetchedAt: z.number(),
})

export const knownSchema = descriptionSchema
  .omit({ fields: true, links: true, nodes: true })
  .extend({ fields: z.number() })

export const readSchema = z.object({
  pasted: z.looseObject({
    what: z.enum(['workflow', 'app', 'post', 'id', 'items', 'model', 'file', 'nothing']),
  }),
  found: z.array(descriptionSchema),
})

/** A list: what was found, the site that told it, and how many there are in all. */
const offerSchema = <T extends z.ZodType>(item: T) =>
  z.object({ site: z.string(), total: z.number(), items: z.array(item) })

/** `cover` is empty where there is no picture; `uses` null where the site does not say. */
export const appsSchema = offerSchema(
  z.object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    cover: z.string(),
    uses: z.number().nullable(),
  }),
)

/** `fileName` is what loader nodes call it. */
export const resourcesSchema = offerSchema(
  z.object({
    id: z.string(),
    name: z.string(),
    type: z.string(),
    description: z.string(),
    fileName: z.string(),
    cover: z.string(),
    owner: z.string(),
    tags: z.array(z.string()),
    versions: z.array(
      z.object({
        version: z.string(),
        fileName: z.string(),
        baseModel: z.string(),
        triggerWords: z.string(),
      }),
    ),
  }),
)
