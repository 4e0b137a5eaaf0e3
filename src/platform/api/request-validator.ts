import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { TruelineError } from '../../core/errors.ts'
import { complaintOf } from './validation-words.ts'

/** Validates a part of a request; query and path parameters, which are texts, are converted first, bodies never. */
export const compileRequestValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema)
  return (given: unknown) => {
    const value = httpPart === 'body' ? (given ?? {}) : Value.Convert(schema, given)
    if (compiled.Check(value)) return { value }
    const part = httpPart ?? 'request'
    const { place, message } = complaintOf(compiled.Errors(value), part)
    return { error: new TruelineError('invalid_request', message, { path: `${part}${place}` }) }
  }
}
