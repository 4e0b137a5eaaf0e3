import type { FastifyInstance } from 'fastify'
import { type TObject, Type } from 'typebox'
import { operations } from './operations.ts'
import type { Platform } from './platform.ts'

/** Adds one route for each operation of the table. */
export function addOperationRoutes(app: FastifyInstance, platform: Platform): void {
  for (const [name, operation] of Object.entries(operations)) {
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string)
    const { params, rest } = splitInput(operation.input, inPath)
    app.route({
      method: operation.method,
      url: operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      ...(operation.bodyLimit === undefined ? {} : { bodyLimit: operation.bodyLimit }),
      schema: {
        operationId: name,
        summary: operation.summary,
        params,
        ...(operation.method === 'GET' ? { querystring: rest } : { body: rest }),
      },
      handler: (request) => {
        const given = operation.method === 'GET' ? request.query : request.body
        return operation.run(platform, { ...(given as object), ...(request.params as object) })
      },
    })
  }
}

function splitInput(input: TObject, inPath: readonly string[]): { params: TObject; rest: TObject } {
  const all = Object.entries(input.properties)
  const pick = (inside: boolean): TObject =>
    Type.Object(Object.fromEntries(all.filter(([name]) => inPath.includes(name) === inside)), {
      additionalProperties: false,
    })
  return { params: pick(true), rest: pick(false) }
}
