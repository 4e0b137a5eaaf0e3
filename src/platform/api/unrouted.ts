import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { TruelineError } from '../../core/errors.ts'

/**
 * The error of a request that no route takes. Where its address takes other methods, the answer's header `allow` names them
 * (RFC 9110, 15.5.6).
 * @param routes all that there are
 */
export function unrouted(
  { method, url }: Pick<FastifyRequest, 'method' | 'url'>,
  reply: Pick<FastifyReply, 'header'>,
  routes: readonly Pick<RouteOptions, 'method' | 'url'>[],
): TruelineError {
  const [path = ''] = url.split('?')
  const methods = new Set(routes.filter((route) => isAt(path, route.url)).flatMap((route) => route.method))
  if (methods.size === 0) return new TruelineError('not_found', `There is nothing at ${method} ${url}.`)
  const taken = [...methods].join(', ')
  reply.header('allow', taken)
  return new TruelineError('method_not_allowed', `There is nothing at ${method} ${url}: it takes ${taken}.`)
}

/** Whether a path is one of a route's, as far as the route has no wildcard. */
function isAt(path: string, route: string): boolean {
  const given = path.split('/')
  const wanted = route.split('/')
  return given.length === wanted.length && wanted.every((one, at) => one.startsWith(':') || one === given[at])
}
