import { Type } from 'typebox'
import { as, limit, reason, time } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

const source = Type.String({ description: 'Name of a source' })

export const sourceOperations = {
  sources: operation({
    method: 'GET',
    path: '/api/v1/sources',
    summary: 'How each source stands: watermark, lag, columns, breaker, and its last run',
    input: Type.Object({}),
    run: (platform) => platform.sources(),
  }),
  sourceRuns: operation({
    method: 'GET',
    path: '/api/v1/sources/{source}/runs',
    summary: 'The last runs of a source, newest first',
    input: Type.Object({
      source,
      limit,
      before: Type.Optional(
        Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Number of a run: those before it' }),
      ),
    }),
    run: (platform, input) => platform.sourceRuns(input.source, input.limit ?? 20, input.before),
  }),
  runSource: operation({
    method: 'POST',
    path: '/api/v1/sources/{source}/run',
    summary: 'Reads a source now; it goes on by itself where a rate or a failure stops it',
    input: Type.Object({ source, as }),
    run: (platform, input) => platform.runSource(input.source),
  }),
  backfillSource: operation({
    method: 'POST',
    path: '/api/v1/sources/{source}/backfill',
    summary: 'Takes the events of a stretch of time again from a source, as history',
    input: Type.Object({ source, as, from: time, to: time }),
    run: (platform, { source, as, ...range }) => platform.backfillSource(source, range, { name: as }),
  }),
  resetSource: operation({
    method: 'POST',
    path: '/api/v1/sources/{source}/reset',
    summary: 'Forgets how far a source was read: what is there already is a duplicate',
    input: Type.Object({ source, as, reason }),
    run: (platform, input) => platform.resetSource(input.source, { name: input.as }, input.reason),
  }),
  acceptSource: operation({
    method: 'POST',
    path: '/api/v1/sources/{source}/accept',
    summary: 'Takes the rows of a source by the columns that were found last',
    input: Type.Object({ source, as }),
    run: (platform, input) => platform.acceptSource(input.source, { name: input.as }),
  }),
} satisfies Record<string, Operation>
