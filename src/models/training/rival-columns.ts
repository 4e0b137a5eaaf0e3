import type { DuckDBConnection } from '@duckdb/node-api'
import { replayVectors } from '../../data/features/replay-vectors.ts'
import { columnsAsked, planVector, sequencesOf, type VectorInput, type VectorPlan } from '../../data/features/vector.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { readCount } from '../../stores/lake/read-columns.ts'
import { splitOf } from './dataset.ts'
import { inSight, type JobEvents, jobEvents } from './job-events.ts'
import { takeRows } from './segments.ts'
import { createSpine, SPINE } from './spine.ts'
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

const TEST_SPINE = '_test_spine'

/** The rivals of a job that need vectors of their own. */
export function ownVectors({ rivals, model }: TrainingJob): OwnVectors[] {
  return rivals.flatMap(({ role, vectors }) =>
    vectors.kind === 'own'
      ? [{ role, meaning: vectors, plan: planVector(vectors.project.models[model]!, vectors.project, vectors.variant) }]
      : [],
  )
}

/** Streams that the vectors of rivals are made from. */
export function streamsOfRivals(rivals: readonly OwnVectors[]): string[] {
  return rivals.flatMap(({ plan }) => sequencesOf(plan).map(({ stream }) => stream))
}

/**
 * Replays the vectors of the test rows as rivals take them: the same rows, the same events, by the definitions that each
 * was trained with.
 * @param places of the rows of the dataset among all that asked, ascending; of those before the test some or all
 */
export async function rivalColumns(
  job: TrainingJob,
  places: Float64Array,
): Promise<ReadonlyMap<Rival['role'], RivalColumns>> {
  const rivals = ownVectors(job)
  if (rivals.length === 0) return new Map()
  const duckdb = await openDuckdb({ threads: job.threads, memory: '2GB', temporaryFolder: job.folder })
  try {
    return await duckdb.withConnection((connection) => columnsOfRivals(connection, job, rivals, places))
  } finally {
    duckdb.close()
  }
}

async function columnsOfRivals(
  connection: DuckDBConnection,
  job: TrainingJob,
  rivals: readonly OwnVectors[],
  kept: Float64Array,
): Promise<ReadonlyMap<Rival['role'], RivalColumns>> {
  const model = job.project.models[job.model]!
  const split = splitOf(job)
  const eventsOf = await jobEvents(connection, job, [model.at, model.label.from, ...streamsOfRivals(rivals)])
  const columns = new Set(rivals.flatMap(({ plan }) => columnsAsked(plan)))
  const all = await createSpine(connection, model, [...columns], split, eventsOf)
  await connection.run(`
    CREATE TABLE ${TEST_SPINE} AS SELECT row_number() OVER (ORDER BY _ordinal) - 1 AS _ordinal, * EXCLUDE (_ordinal)
    FROM ${SPINE} WHERE _t >= ${split.test} ORDER BY _ordinal`)
  const rows = await readCount(connection, `SELECT count(*) FROM ${TEST_SPINE}`)
  const before = all - rows
  const places = Uint32Array.from(
    kept.filter((place) => place >= before),
    (place) => place - before,
  )
  const found = new Map<Rival['role'], RivalColumns>()
  for (const { role, meaning, plan } of rivals)
    found.set(role, await columnsOfRival(connection, job, { meaning, plan }, { rows, places, eventsOf }))
  return found
}

interface TestRows {
  readonly rows: number
  /** Of the rows of the dataset among the test rows that asked. */
  readonly places: Uint32Array
  readonly eventsOf: (stream: string) => JobEvents
}

async function columnsOfRival(
  connection: DuckDBConnection,
  job: TrainingJob,
  { meaning: { project }, plan }: Pick<OwnVectors, 'meaning' | 'plan'>,
  { rows, places, eventsOf }: TestRows,
): Promise<RivalColumns> {
  const { at, servingLag } = project.models[job.model]!
  const { values } = await replayVectors(connection, {
    ...{ plan, project, spine: TEST_SPINE, schema: project.streams[at]!.schema, rows, from: splitOf(job).test },
    dictionary: createDictionary(),
    inSight: (stream) => inSight(eventsOf(stream), servingLag),
  })
  return { inputs: plan.inputs, columns: values.map((column) => takeRows(column, places)) }
}
