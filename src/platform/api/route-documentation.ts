import 'fastify'

declare module 'fastify' {
  interface FastifySchema {
    /** Name of the route in /openapi.json; a route without one is not documented there. */
    operationId?: string
    summary?: string
  }
}
