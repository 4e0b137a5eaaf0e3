import { Type } from 'typebox'
import { limit, pageCursor, time } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const auditOperations = {
  acts: operation({
    method: 'GET',
    path: '/api/v1/acts',
    summary: 'Who did what, when and why, newest first: the audit log',
    input: Type.Object({
      target: Type.Optional(Type.String({ maxLength: 1000, description: 'Such as late_flight/3' })),
      by: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Who did it, by name' })),
      search: Type.Optional(
        Type.String({
          ...{ minLength: 1, maxLength: 200 },
          description: 'A text within the act, its target, its reason or the name of who did it',
        }),
      ),
      ...{ from: time, to: time, cursor: pageCursor, limit },
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
