import { resolved } from './fields.ts'
import type { OpenApi, Operation, Schema } from './openapi.ts'

type Schemas = OpenApi['components']['schemas']

/** The operation as one command line for a shell, with an example of its body. */
export function curlOf(operation: Operation, schemas: Schemas, base: string): string {
  const { method, path, parameters, requestBody } = operation
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase())
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && parameter.required)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(String(exampleOf(schema, schemas)))}`)
  const address = quoted(`${base}${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`)
  const schema = requestBody?.content['application/json'].schema
  if (method === 'GET') return `curl ${address}`
  const body = schema === undefined ? '{}' : JSON.stringify(exampleOf(schema, schemas))
  return `curl -X ${method} ${address} -H 'content-type: application/json' -d ${quoted(body)}`
}

/** A value that a schema allows: what must be there, and of a list one item. */
export function exampleOf(schema: Schema, schemas: Schemas): unknown {
  const all = resolved(schema, schemas)
  if (all.const !== undefined) return all.const
  if (all.enum !== undefined) return all.enum[0]
  if (all.examples !== undefined) return all.examples[0]
  if (all.anyOf !== undefined) return exampleOf(all.anyOf[0] ?? {}, schemas)
  const type = typeof all.type === 'string' ? all.type : all.type?.[0]
  switch (type) {
    case 'object': {
      const needed = all.required ?? []
      const members = Object.entries(all.properties ?? {}).filter(([name]) => needed.includes(name))
      return Object.fromEntries(members.map(([name, member]) => [name, exampleOf(member, schemas)]))
    }
    case 'array':
      return all.items === undefined ? [] : [exampleOf(all.items, schemas)]
    case 'integer':
    case 'number':
      return Math.min(all.maximum ?? 1, Math.max(all.minimum ?? 1, 1))
    case 'boolean':
      return true
    case 'string':
      return all.format === 'date-time' ? '2025-01-31T09:30:00Z' : 'example'.slice(0, all.maxLength)
    default:
      return null
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
