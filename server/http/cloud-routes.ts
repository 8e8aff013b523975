import { z } from 'zod'
import type { Route } from './bridge-routes.ts'
import { appsSchema, descriptionSchema, knownSchema, readSchema, resourcesSchema } from './cloud-schemas.ts'

/** Lists of a site: by a kept key's name, and so many of them. */
const ofSite = {
  key: z.string(),
  base_url: z.string(),
  limit: z.int().min(1).max(200).default(20),
}

/** What the cloud offers: anything pasted, fields, apps and models to choose from. */
export const cloudRoutes: readonly Route[] = [
  {
    method: 'post',
    path: '/bridge/cloud/read',
    summary: 'Anything pasted (link, id, curl, nodeInfoList, graph): what it is, with its fields',
    body: z.object({ text: z.string(), key: z.string().optional() }),
    answer: readSchema,
  },
  {
    method: 'get',
    path: '/bridge/cloud/known',
    summary: 'Cloud workflows and apps whose fields are known, used last first',
    answer: z.object({ known: z.array(knownSchema) }),
  },
  {
    method: 'get',
    path: '/bridge/cloud/apps',
    summary: 'AI apps of the site to choose from; those that match a search',
    query: {
      ...ofSite,
      search: z.string(),
      sort: z.enum(['recommend', 'hottest', 'newest']).default('recommend'),
    },
    answer: appsSchema,
  },
  {
    method: 'get',
    path: '/bridge/cloud/resources',
    summary: 'Models that cloud workflows may load; base_models and tags with commas between them',
    query: {
      ...ofSite,
      type: z.enum(['UNET', 'CHECKPOINT', 'LORA', 'GGUF']),
      name: z.string(),
      base_models: z.string(),
      tags: z.string(),
    },
    answer: resourcesSchema,
  },
  {
    method: 'get',
    path: '/bridge/cloud/{kind}/{id}',
    summary: 'The fields of a cloud workflow or AI app; refresh=1 asks the site again',
    query: { key: z.string(), base_url: z.string(), refresh: z.enum(['0', '1']).default('0') },
    answer: descriptionSchema,
  },
]
