import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { TruelineError } from '../../core/errors.ts'

/**
 * Refuses what a foreign web page could make a browser send here, also without login: a Host that is not ours (DNS
 * rebinding) and an Origin that is not ours (cross-site requests).
 * @param hosts the host names that the platform answers to, without ports; '*' for any, where it is reached by names that nobody knows before
 */
export function guardAgainstForeignPages(headers: IncomingHttpHeaders, hosts: ReadonlySet<string>): void {
  const host = hostName(headers.host ?? '')
  if (!hosts.has(host) && !hosts.has('*'))
    throw new TruelineError('host_refused', `The Host header '${headers.host ?? ''}' is not ours.`)
  const { origin } = headers
  if (origin === undefined) return
  const parsed = URL.canParse(origin) ? new URL(origin) : undefined
  if (parsed === undefined || parsed.host !== headers.host)
    throw new TruelineError('host_refused', `The Origin header '${origin}' is not ours.`)
}

/**
 * Refuses a request of which others could take another host to be meant: HTTP/1.1 has one Host and no more (RFC 9112, 3.2).
 * @throws TruelineError `invalid_request`
 */
export function requireOneHost({ rawHeaders, httpVersion }: IncomingMessage): void {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (rawHeaders[index]!.length === 4 && rawHeaders[index]!.toLowerCase() === 'host') hosts += 1
  if (hosts > 1) throw new TruelineError('invalid_request', 'The request has more than one Host header.')
  if (hosts === 0 && httpVersion === '1.1')
    throw new TruelineError('invalid_request', 'The request has no Host header.')
}

const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i

/** The headers of a request with the host that it asks: of an address in absolute form that of the address (RFC 9112, 3.2.2). */
export function headersAsMeant({ url = '', headers }: IncomingMessage): IncomingHttpHeaders {
  const host = AUTHORITY.exec(url)?.[1]
  return host === undefined ? headers : { ...headers, host }
}

function hostName(host: string): string {
  if (host.startsWith('[')) return host.slice(0, host.indexOf(']') + 1)
  const colon = host.indexOf(':')
  return colon === -1 ? host : host.slice(0, colon)
}
