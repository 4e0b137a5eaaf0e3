import type { FastifyInstance } from 'fastify'
import type { Platform } from './platform.ts'

/** POST /api/v1/lineage: events of others, at the address where clients of OpenLineage send them. */
export function addLineageRoutes(app: FastifyInstance, platform: Pick<Platform, 'takeLineage'>): void {
  app.post(
    '/api/v1/lineage',
    {
      schema: {
        operationId: 'takeLineage',
        summary: 'Takes an OpenLineage event of another system: its job, and what it read and wrote',
      },
    },
    async ({ body }, reply) => {
      await platform.takeLineage(body)
      return reply.code(201).send({})
    },
  )
}
