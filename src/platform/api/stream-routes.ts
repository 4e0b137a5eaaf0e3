import type { FastifyInstance, FastifyRequest } from 'fastify'
import { TruelineError } from '../../core/errors.ts'
import type { Platform } from './platform.ts'

/**
 * POST /api/v1/streams/{stream}/events: one row, an array of rows, or NDJSON. Rows are taken one by one; a line of
 * NDJSON that cannot be parsed counts as a rejected row.
 */
export function addStreamRoutes(app: FastifyInstance, platform: Platform): void {
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, (_request, body, done) => {
    done(null, new Lines(String(body)))
  })
  app.post(
    '/api/v1/streams/:stream/events',
    { schema: { operationId: 'ingest', summary: 'Takes events of a stream, row by row' } },
    async (request: FastifyRequest<{ Params: { stream: string } }>) => {
      const { body } = request
      const rows = body instanceof Lines ? body.rows() : Array.isArray(body) ? body : [body]
      return platform.ingest(request.params.stream, rows)
    },
  )
}

class Lines {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** One value a line that is not blank; a line that is no JSON comes as an error, for ingest to reject. */
  rows(): unknown[] {
    return this.#text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        try {
          return JSON.parse(line) as unknown
        } catch (cause) {
          return new TruelineError('malformed_row', 'The line is not JSON.', { cause })
        }
      })
  }
}
