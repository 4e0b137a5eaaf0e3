import { Type } from 'typebox'
import { limit } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const lineageOperations = {
  lineage: operation({
    method: 'GET',
    path: '/api/v1/lineage',
    summary: 'What something was made from and what was made from it: from sources to predictions, both ways',
    input: Type.Object({
      of: Type.String({
        minLength: 1,
        maxLength: 500,
        description: 'A prediction, `late_flight/3`, `run-12`, a digest, a stream or a source; or `kind:name`',
      }),
      direction: Type.Optional(Type.Union([Type.Literal('up'), Type.Literal('down'), Type.Literal('both')])),
      most: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 10_000, description: 'Most things; 1,000 unless given' }),
      ),
    }),
    run: (platform, input) => platform.lineage(input),
  }),
  lineageEvents: operation({
    method: 'GET',
    path: '/api/v1/lineage/events',
    summary: 'OpenLineage 2-0-2 events of what was done: runs of sources, of trainings, of batches',
    input: Type.Object({ cursor: Type.Optional(Type.String({ maxLength: 100 })), limit }),
    run: (platform, input) => platform.lineageEvents(input),
  }),
} satisfies Record<string, Operation>
