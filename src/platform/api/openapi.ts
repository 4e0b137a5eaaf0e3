import './route-documentation.ts'
import type { RouteOptions } from 'fastify'

interface DocumentedSchema {
  readonly operationId?: string
  readonly summary?: string
  readonly params?: { readonly properties: Record<string, object> }
  readonly querystring?: { readonly properties: Record<string, object>; readonly required?: readonly string[] }
  readonly body?: object
}

/** OpenAPI 3.1 of the routes that say what they are; the schemas are the ones that validate. */
export function openApiOf(routes: readonly RouteOptions[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const schema = route.schema as DocumentedSchema | undefined
    if (schema?.operationId === undefined || route.method === 'HEAD') continue
    const url = route.url.replaceAll(/:(\w+)/g, '{$1}')
    const own = paths[url] ?? {}
    paths[url] = own
    own[String(route.method).toLowerCase()] = {
      operationId: schema.operationId,
      summary: schema.summary,
      parameters: [
        ...Object.entries(schema.params?.properties ?? {}).map(([name, type]) => ({
          name,
          in: 'path',
          required: true,
          schema: type,
        })),
        ...Object.entries(schema.querystring?.properties ?? {}).map(([name, type]) => ({
          name,
          in: 'query',
          required: schema.querystring?.required?.includes(name) ?? false,
          schema: type,
        })),
      ],
      ...(schema.body === undefined
        ? {}
        : { requestBody: { content: { 'application/json': { schema: schema.body } } } }),
      responses: {
        200: { description: 'Done' },
        default: {
          description: 'An error',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Trueline', version, license: { name: 'Apache-2.0' } },
    paths,
    components: {
      schemas: {
        Error: {
          type: 'object',
          required: ['error', 'code', 'remedy'],
          properties: {
            error: { type: 'string' },
            code: { type: 'string' },
            path: { type: 'string' },
            remedy: { type: 'string' },
          },
        },
      },
    },
  }
}
