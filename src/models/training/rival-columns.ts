import type { DuckDBConnection } from '@duckdb/node-api'
import { replayVectors } from '../../data/features/replay-vectors.ts'
import { planVector, sequencesOf, type VectorInput, type VectorPlan } from '../../data/features/vector.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { readCount } from '../../stores/lake/read-columns.ts'
import { inSight, type JobEvents } from './job-events.ts'
import { takeRows } from './segments.ts'
import type { Rival, RivalVectors, TrainingJob } from './training-job.ts'

/** A rival that reads other inputs than the candidate, with how its vectors are made. */
export interface OwnVectors {
  readonly role: Rival['role']
  readonly meaning: Extract<RivalVectors, { kind: 'own' }>
  readonly plan: VectorPlan
}

/** The test rows as such a rival takes them: one array an input. */
export interface RivalColumns {
  readonly inputs: readonly VectorInput[]
  readonly columns: readonly Float64Array[]
}

/** The rows that rivals are scored on. */
export interface TestRows {
  /** Table of all asking rows, in the order of t. */
  readonly spine: string
  /** The test stretch begins at this t, microseconds. */
  readonly from: number
  /** Places among the asking rows of those that have a label, ascending. */
  readonly kept: Uint32Array
}

const TEST_SPINE = '_test_spine'

/** The rivals of a job that need vectors of their own. */
export function ownVectors({ rivals, model }: TrainingJob): OwnVectors[] {
  return rivals.flatMap(({ role, vectors }) =>
    vectors.kind === 'own'
      ? [{ role, meaning: vectors, plan: planVector(vectors.project.models[model]!, vectors.project, vectors.variant) }]
      : [],
  )
}

/** Streams that the features of a rival are made from. */
export function streamsOfRival({ plan }: OwnVectors): string[] {
  return sequencesOf(plan).map(({ stream }) => stream)
}

/**
 * Replays the vectors of the test rows as rivals take them: the same rows, the same events, by the definitions that each
 * was trained with.
 */
export async function rivalColumns(
  connection: DuckDBConnection,
  { model }: TrainingJob,
  rivals: readonly OwnVectors[],
  { spine, from, kept }: TestRows,
  eventsOf: (stream: string) => JobEvents,
): Promise<ReadonlyMap<Rival['role'], RivalColumns>> {
  const found = new Map<Rival['role'], RivalColumns>()
  if (rivals.length === 0) return found
  await connection.run(`
    CREATE TABLE ${TEST_SPINE} AS SELECT row_number() OVER (ORDER BY _ordinal) - 1 AS _ordinal, * EXCLUDE (_ordinal)
    FROM ${spine} WHERE _t >= ${from} ORDER BY _ordinal`)
  const rows = await readCount(connection, `SELECT count(*) FROM ${TEST_SPINE}`)
  const before = (await readCount(connection, `SELECT count(*) FROM ${spine}`)) - rows
  const places = kept.filter((place) => place >= before).map((place) => place - before)
  for (const { role, meaning, plan } of rivals) {
    const { project } = meaning
    const { at, servingLag } = project.models[model]!
    const { values: columns } = await replayVectors(connection, {
      ...{ plan, project, spine: TEST_SPINE, schema: project.streams[at]!.schema, rows, from },
      dictionary: createDictionary(),
      inSight: (stream) => inSight(eventsOf(stream), servingLag),
    })
    found.set(role, { inputs: plan.inputs, columns: columns.map((column) => takeRows(column, places)) })
  }
  return found
}
