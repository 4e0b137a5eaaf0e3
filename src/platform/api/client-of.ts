import type { IncomingMessage } from 'node:http'
import type { RateDefinition } from '../../language/define/limits-definition.ts'

/** Who asks, as far as limits of rates tell clients apart: a header's value, or the address of the connection. */
export function clientOf({ headers, socket }: IncomingMessage, { header }: RateDefinition): string {
  const named = header === undefined ? undefined : headers[header]
  // The two kinds of names must not meet.
  if (named !== undefined) return `h${String(named)}`
  return `a${socket.remoteAddress ?? ''}`
}
