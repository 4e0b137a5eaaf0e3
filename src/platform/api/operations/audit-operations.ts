import { Type } from 'typebox'
import { limit } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const auditOperations = {
  acts: operation({
    method: 'GET',
    path: '/api/v1/acts',
    summary: 'Who did what, when and why, newest first: the audit log',
    input: Type.Object({
      target: Type.Optional(Type.String({ maxLength: 1000, description: 'Such as late_flight/3' })),
      cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'What the page before gave' })),
      limit,
    }),
    run: (platform, query) => platform.registry.acts(query),
  }),
  verifyActs: operation({
    method: 'GET',
    path: '/api/v1/acts/verify',
    summary: 'Recomputes the chain of the audit log, and says where it is not what was written',
    input: Type.Object({
      sequence: Type.Optional(Type.Integer({ minimum: 0, description: 'Of a head that was kept elsewhere' })),
      digest: Type.Optional(Type.String({ maxLength: 100, description: 'Of that head' })),
    }),
    run: (platform, { sequence, digest }) =>
      platform.registry.verifyActs(sequence === undefined || digest === undefined ? undefined : { sequence, digest }),
  }),
} satisfies Record<string, Operation>
