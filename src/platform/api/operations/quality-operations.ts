import { Type } from 'typebox'
import { limit, offset } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const qualityOperations = {
  quality: operation({
    method: 'GET',
    path: '/api/v1/quality',
    summary: 'Verdicts on batches of rows, newest first, and the newest on each subject',
    input: Type.Object({
      subject: Type.Optional(Type.String({ description: 'stream/NAME, features/NAME or model/NAME' })),
      scope: Type.Optional(Type.String({ description: 'Where the gate stands: import, window, training …' })),
      limit,
      offset,
    }),
    run: (platform, input) => platform.quality(input),
  }),
  qualityVerdict: operation({
    method: 'GET',
    path: '/api/v1/quality/{verdict}',
    summary: 'One verdict with what became of each check',
    input: Type.Object({ verdict: Type.String() }),
    run: (platform, input) => platform.qualityVerdict(input.verdict),
  }),
  streamQuality: operation({
    method: 'GET',
    path: '/api/v1/streams/{stream}/quality',
    summary: "A stream's last verdicts and a page of the profile of its columns",
    input: Type.Object({ stream: Type.String(), limit, offset }),
    run: (platform, { stream, ...page }) => platform.streamQuality(stream, page),
  }),
  profileStream: operation({
    method: 'POST',
    path: '/api/v1/streams/{stream}/profile',
    summary: 'Judges and profiles all rows of a stream now',
    input: Type.Object({ stream: Type.String() }),
    run: (platform, input) => platform.profileStream(input.stream),
  }),
  suggestChecks: operation({
    method: 'POST',
    path: '/api/v1/streams/{stream}/suggest',
    summary: "Proposes checks from a stream's earlier rows and tries them on its later ones",
    input: Type.Object({ stream: Type.String(), distributions: Type.Optional(Type.Boolean()) }),
    run: (platform, { stream, ...options }) => platform.suggestChecks(stream, options),
  }),
} satisfies Record<string, Operation>
