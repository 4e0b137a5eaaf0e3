import type { IncomingHttpHeaders } from 'node:http'
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

function hostName(host: string): string {
  if (host.startsWith('[')) return host.slice(0, host.indexOf(']') + 1)
  const colon = host.indexOf(':')
  return colon === -1 ? host : host.slice(0, colon)
}
