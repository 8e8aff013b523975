import { z } from 'zod'
import { routes } from './bridge-routes.ts'
import { errorSchema } from './bridge-schemas.ts'

/** The OpenAPI document of the product's own routes, made of the very schemas the code uses. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }))
    const inQuery = Object.entries(route.query ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      required: false,
      schema: plainSchema(schema),
    }))
    const parameters = [...inPath, ...inQuery]
    paths[route.path] = {
      ...paths[route.path],
      [route.method]: {
        summary: route.summary,
        ...(parameters.length > 0 && { parameters }),
        ...(route.body && { requestBody: requestBody(route.body) }),
        responses: {
          200: { description: 'done', content: json(route.answer) },
          '4XX': { description: 'what is wrong, and what to do', content: json(errorSchema) },
        },
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'rh-bridge',
      version,
      description: 'The product’s own routes; ComfyUI’s API stands beside them.',
    },
    paths,
  }
}

function requestBody(body: z.ZodType | 'file'): Record<string, unknown> {
  if (body !== 'file') return { required: true, content: json(body) }
  const file = {
    type: 'object',
    properties: { file: { type: 'string', format: 'binary' } },
    required: ['file'],
  }
  return {
    required: true,
    content: { 'multipart/form-data': { schema: file }, 'application/json': { schema: {} } },
  }
}

function json(schema: z.ZodType): Record<string, unknown> {
  return { 'application/json': { schema: plainSchema(schema) } }
}

function plainSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...plain } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return plain
}
