import type { FastifyInstance, FastifyRequest } from 'fastify'
import { whereNoJson } from '../../core/json-fault.ts'
import type { Platform } from './platform.ts'

interface StreamRequest {
  readonly Params: { readonly stream: string }
  readonly Body: RowsOfBody
}

/** What a body holds: rows, or nothing that can be read as rows. */
type RowsOfBody = { readonly rows: readonly unknown[] } | { readonly text: string; readonly reason: string }

/**
 * POST /v1/streams/{stream}/events: one row, an array of rows, or NDJSON. Rows are taken one by one; a line of
 * NDJSON that is no JSON is a rejected row, and so is a whole body that is none.
 */
export function addStreamRoutes(app: FastifyInstance, platform: Platform): void {
  app.register(async (scope) => {
    scope.removeContentTypeParser('application/json')
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) =>
      rowsOfJson(body),
    )
    scope.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, async (_request: unknown, body: string) =>
      rowsOfLines(body),
    )
    scope.post(
      '/v1/streams/:stream/events',
      { schema: { operationId: 'ingest', summary: 'Takes events of a stream, row by row' } },
      async ({ params: { stream }, body }: FastifyRequest<StreamRequest>) => {
        const given = body ?? rowsOfJson('')
        return 'rows' in given ? platform.ingest(stream, given.rows) : platform.refuse(stream, given.text, given.reason)
      },
    )
  })
}

function rowsOfJson(text: string): RowsOfBody {
  try {
    const value = JSON.parse(text) as unknown
    return { rows: Array.isArray(value) ? value : [value] }
  } catch {
    return { text, reason: `The body is not JSON.${whereNoJson(text)}` }
  }
}

/** One value a line that is not blank; a line that is no JSON goes along as text, which ingest refuses. */
function rowsOfLines(text: string): RowsOfBody {
  const rows = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      try {
        return JSON.parse(line) as unknown
      } catch {
        return line
      }
    })
  return { rows }
}
