import { Type } from 'typebox'
import { as, limit, model, offset, time } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

const batch = Type.String({ description: 'Name of a batch of the project' })
const run = Type.String({ description: 'Id of a run' })
const words = Type.String({ maxLength: 2000 })
/** May list the columns of a table. */
const told = Type.String({ maxLength: 100_000 })

/** Populations and destinations come from the project file alone: none of these takes a path that is read or written. */
export const batchOperations = {
  batches: operation({
    method: 'GET',
    path: '/api/v1/batches',
    summary: 'The batches of the project: when each runs next, and its newest run',
    input: Type.Object({}),
    run: (platform) => platform.batches(),
  }),
  batchRuns: operation({
    method: 'GET',
    path: '/api/v1/batch-runs',
    summary: 'Runs that scored a population, newest first, each with its report',
    input: Type.Object({ batch: Type.Optional(batch), model: Type.Optional(model), limit, offset }),
    run: (platform, input) => platform.batchRuns(input),
  }),
  batchRun: operation({
    method: 'GET',
    path: '/api/v1/batch-runs/{run}',
    summary: 'One run with its report',
    input: Type.Object({ run }),
    run: (platform, input) => platform.batchRun(input.run),
  }),
  runBatch: operation({
    method: 'POST',
    path: '/api/v1/batches/{batch}/run',
    summary: 'Scores the population of a batch, as of now or of a time, and answers when it is done',
    input: Type.Object({ batch, as, at: time }),
    run: (platform, { batch, as: name, ...options }) => platform.runBatch(batch, { name }, options),
  }),
  cancelBatch: operation({
    method: 'POST',
    path: '/api/v1/batches/{batch}/cancel',
    summary: 'Ends the run of a batch that is under way; nothing of it is published',
    input: Type.Object({ batch, as }),
    run: (platform, input) => platform.cancelBatch(input.batch, { name: input.as }),
  }),
  beginScoring: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/score/begin',
    summary: 'Begins a run over files that the caller reads and writes itself: what the platform scores by',
    input: Type.Object({
      ...{ model, as, at: time },
      population: words,
      destination: words,
      run: Type.Optional(Type.String({ description: 'Id of a run that is taken up again' })),
    }),
    run: (platform, { model, as: name, ...options }) => platform.beginScoring(model, { name }, options),
  }),
  endScoring: operation({
    method: 'POST',
    path: '/api/v1/batch-runs/{run}/end',
    summary: 'Ends a run over files with its report, or with what it failed of',
    input: Type.Object({
      ...{ run, as },
      report: Type.Optional(Type.Object({}, { description: 'As the scoring process gave it' })),
      error: Type.Optional(
        Type.Object({
          ...{ code: Type.String({ maxLength: 100 }), error: told },
          ...{ path: Type.Optional(words), remedy: Type.Optional(told) },
        }),
      ),
    }),
    run: (platform, { run, as: _, ...end }) => platform.endScoring(run, end),
  }),
} satisfies Record<string, Operation>
