import type { FastifyError, FastifyInstance } from 'fastify'
import { TruelineError } from '../../core/errors.ts'
import { whereNoJson } from '../../core/json-fault.ts'

/** Reads JSON bodies as the framework does, and says of one that is none where it is at fault: the framework does not. */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    parse(request, body, (thrown, value) => done(thrown === null ? null : placed(thrown, body), value))
  })
}

function placed(thrown: Error, body: string): Error {
  const where = (thrown as FastifyError).code === 'FST_ERR_CTP_INVALID_JSON_BODY' ? whereNoJson(body) : ''
  if (where === '') return thrown
  return new TruelineError('invalid_request', `The body is not valid JSON.${where}`, { cause: thrown })
}
