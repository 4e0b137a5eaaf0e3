import type { FastifyError } from 'fastify'
import type { ErrorCode } from '../../core/error-codes.ts'
import { asTruelineError, TruelineError } from '../../core/errors.ts'

const codesOfTheFramework: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content_type',
  FST_ERR_CTP_EMPTY_TYPE: 'content_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_VALIDATION: 'invalid_request',
  FST_ERR_BAD_URL: 'not_found',
}

/**
 * Any error of a route, the framework's own included, as ours.
 * @param bodyLimit most bytes that a body may have
 */
export function errorOfRequest(thrown: unknown, bodyLimit: number): TruelineError {
  if (thrown instanceof TruelineError) return thrown
  const { code = '', message, statusCode = 500 } = thrown as FastifyError
  const known = codesOfTheFramework[code] ?? (statusCode >= 400 && statusCode < 500 ? 'invalid_request' : undefined)
  if (known === undefined) return asTruelineError(thrown)
  if (known === 'body_too_large')
    return new TruelineError(known, `The body holds more than ${bodyLimit.toLocaleString('en')} bytes.`, {
      cause: thrown,
    })
  const said = known === 'content_type' ? 'The body is not declared as JSON.' : message
  return new TruelineError(known, said, { cause: thrown })
}

/**
 * Only the open inference protocol takes compressed bodies.
 * @throws TruelineError `content_type`
 */
export function refuseCompressed(url: string, encoding: string | undefined): void {
  if (encoding === undefined || encoding === 'identity' || url.startsWith('/v2/')) return
  throw new TruelineError('content_type', `The body is compressed (content-encoding: ${encoding}).`, {
    path: 'content-encoding',
    remedy: 'Send it as it is; only the open inference protocol, below /v2, takes gzip and deflate.',
  })
}

/** The headers that go with an error. */
export function errorHeaders({ status, retryAfter = 1 }: TruelineError): Record<string, string> {
  return status === 503 || status === 429 ? { 'retry-after': String(retryAfter) } : {}
}
