import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { Value } from 'typebox/value'
import { TruelineError } from '../../core/errors.ts'
import { complaintOf } from './validation-words.ts'

/** Validates a part of a request; query and path parameters, which are texts, are converted first, bodies never. */
export const compileRequestValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  // Hundreds of schemas are registered at a start, and few are asked for.
  let compiled: Validator | undefined
  return (given: unknown) => {
    compiled ??= Compile(schema)
    const value = httpPart === 'body' ? (given ?? {}) : Value.Convert(schema, given)
    if (compiled.Check(value)) return { value }
    const part = httpPart ?? 'request'
    const { place, message } = complaintOf(compiled.Errors(value), part)
    return { error: new TruelineError('invalid_request', message, { path: `${part}${place}` }) }
  }
}
