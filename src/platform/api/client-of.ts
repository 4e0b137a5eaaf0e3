import type { IncomingHttpHeaders } from 'node:http'
import type { RateDefinition } from '../../language/define/limits-definition.ts'

/** What is known of who asks: an HTTP request, or a call over HTTP/2. */
export interface Asking {
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined }
}

const COUNTED = /^\/v[12]\//
const PROBES = /^\/v2\/(?:health\/|models\/.*\/ready$)/

/**
 * Whether limits of rates hold for a request: a probe that shares its address with others would take us for dead.
 * @param route pattern of the route that takes it, such as `/v2/models/:model`, whichever way the address was written; else the address
 */
export function isCounted(method: string, route: string): boolean {
  return COUNTED.test(route) && !(method === 'GET' && PROBES.test(route))
}

/** Who asks, as far as limits of rates tell clients apart: a header's value, or the address of the connection. */
export function clientOf({ headers, socket }: Asking, { header }: RateDefinition): string {
  const named = header === undefined ? undefined : headers[header]
  // The two kinds of names must not meet.
  if (named !== undefined) return `h${String(named)}`
  return `a${socket.remoteAddress ?? ''}`
}
