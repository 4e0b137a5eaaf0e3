import { Type } from 'typebox'
import { DIGEST_PATTERN, IMAGE_PATTERN } from '../text-patterns.ts'
import { as, model, reason, version } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

const digestOfVersion = Type.String({ pattern: DIGEST_PATTERN, description: 'Of the version' })

export const readinessOperations = {
  readiness: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/readiness',
    summary:
      'The twelve requirements of a production system, computed from what is on record of the version that serves',
    input: Type.Object({ model }),
    run: (platform, input) => platform.readiness.of(input.model),
  }),
  rebuild: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/versions/{version}/rebuild',
    summary: 'Makes a version again from its record, here, and keeps in the audit log what came of it',
    input: Type.Object({ model, version, as }),
    run: (platform, { model: name, version: number, as: actor, ...options }) =>
      platform.readiness.rebuild(name, number, { name: actor }, options),
  }),
  keepRebuild: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/versions/{version}/rebuilds',
    summary: 'Keeps in the audit log what came of making a version again elsewhere, as who acts says',
    input: Type.Object({
      ...{ model, version, as },
      digest: digestOfVersion,
      verdict: Type.Union([Type.Literal('equal'), Type.Literal('within_tolerance'), Type.Literal('differs')]),
    }),
    run: (platform, { model: name, as: actor, ...evidence }) =>
      platform.readiness.keepRebuild(name, evidence, { name: actor }),
  }),
  keepPackage: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/versions/{version}/packages',
    summary: 'Keeps in the audit log that the build context of an image of a version was written',
    input: Type.Object({
      ...{ model, version, as, digest: digestOfVersion },
      bill: Type.String({ pattern: DIGEST_PATTERN, description: 'Of the bill of materials' }),
      image: Type.String({ minLength: 1, maxLength: 512 }),
      base: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
      target: Type.Optional(Type.Number({ description: 'Requests a second' })),
    }),
    run: (platform, { model: name, as: actor, ...evidence }) =>
      platform.readiness.keepPackage(name, evidence, { name: actor }),
  }),
  keepImage: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/versions/{version}/images',
    summary: 'Keeps in the audit log how an image of a version did where it was started, as who acts says',
    input: Type.Object({
      ...{ model, version, as, digest: digestOfVersion },
      image: Type.String({ pattern: IMAGE_PATTERN, description: 'Reference by digest' }),
      verdict: Type.Union([Type.Literal('ready'), Type.Literal('failed')]),
      reason: Type.Optional(reason),
    }),
    run: (platform, { model: name, as: actor, ...evidence }) =>
      platform.readiness.keepImage(name, evidence, { name: actor }),
  }),
  keepDrill: operation({
    method: 'POST',
    path: '/api/v1/runbooks/{runbook}/drills',
    summary: 'Keeps in the audit log that a runbook was gone through, and how that went',
    input: Type.Object({
      runbook: Type.String({ description: 'Kind of alert' }),
      went: Type.Union([Type.Literal('well'), Type.Literal('badly')]),
      ...{ reason, as },
    }),
    run: (platform, { as: actor, ...evidence }) => platform.readiness.keepDrill(evidence, { name: actor }),
  }),
} satisfies Record<string, Operation>
