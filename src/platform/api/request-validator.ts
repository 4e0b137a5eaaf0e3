import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { TruelineError } from '../../core/errors.ts'

/** Validates a part of a request; query and path parameters, which are texts, are converted first, bodies never. */
export const compileRequestValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema)
  return (given: unknown) => {
    const value = httpPart === 'body' ? (given ?? {}) : Value.Convert(schema, given)
    if (compiled.Check(value)) return { value }
    const [first] = compiled.Errors(value)
    const place = `${httpPart ?? 'request'}${first?.instancePath ?? ''}`
    return {
      error: new TruelineError('invalid_request', `${place} ${first?.message ?? 'is not valid'}.`, { path: place }),
    }
  }
}
