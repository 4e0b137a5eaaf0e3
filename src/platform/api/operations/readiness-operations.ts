import { Type } from 'typebox'
import { as, model, version } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const readinessOperations = {
  readiness: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/readiness',
    summary:
      'The twelve requirements of a production system, computed from what is on record of the version that serves',
    input: Type.Object({ model }),
    run: (platform, input) => platform.readiness.of(input.model),
  }),
  keepRebuild: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/versions/{version}/rebuilds',
    summary: 'Keeps in the audit log what came of making a version again from its record',
    input: Type.Object({
      ...{ model, version, as },
      digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$', description: 'Of the version that was made again' }),
      verdict: Type.Union([Type.Literal('equal'), Type.Literal('within_tolerance'), Type.Literal('differs')]),
    }),
    run: (platform, { model: name, as: actor, ...evidence }) =>
      platform.readiness.keepRebuild(name, evidence, { name: actor }),
  }),
} satisfies Record<string, Operation>
