import { Type } from 'typebox'
import { as } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const artifactOperations = {
  checkArtifacts: operation({
    method: 'GET',
    path: '/api/v1/artifacts/check',
    summary: 'Reads every artifact that a version or a file of a run needs, and says which are missing or changed',
    input: Type.Object({}),
    run: (platform) => platform.registry.checkArtifacts(),
  }),
  collectArtifacts: operation({
    method: 'POST',
    path: '/api/v1/artifacts/collect',
    summary: 'Finds artifacts that belong to nothing, and takes away those that have for a grace time',
    input: Type.Object({
      as,
      apply: Type.Optional(
        Type.Boolean({ description: 'Mark and take away; otherwise it is only told what would be' }),
      ),
      grace: Type.Optional(Type.Integer({ minimum: 1, description: 'Microseconds; 7 days unless given' })),
    }),
    run: (platform, { as, ...options }) => platform.registry.collectArtifacts(options, { name: as }),
  }),
} satisfies Record<string, Operation>
