import { createHash } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Digest } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { replayVectors } from '../../data/features/replay-vectors.ts'
import { columnsAsked, planVector, sequencesOf, type VectorInput, type VectorPlan } from '../../data/features/vector.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'
import { createDictionary, type Dictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb, sqlName, streamChunks } from '../../stores/lake/duckdb.ts'
import { readColumns, readCount } from '../../stores/lake/read-columns.ts'
import { explainEmptySplit } from './empty-split.ts'
import { inputDigests } from './input-digests.ts'
import { inSight, type JobEvents, jobEvents } from './job-events.ts'
import { type JoinedLabels, joinLabels } from './join-labels.ts'
import { noOutcomeError } from './no-outcome.ts'
import { ownVectors, type RivalColumns, rivalColumns, streamsOfRival } from './rival-columns.ts'
import { takeRows } from './segments.ts'
import { splitAt, splitRows, type TimeSplit } from './time-split.ts'
import type { DatasetManifest, Rival, TrainingJob } from './training-job.ts'

/** A point-in-time correct training set, rows in the order of t and id. */
export interface Dataset {
  readonly inputs: readonly VectorInput[]
  readonly split: TimeSplit
  /** t of each row, microseconds. */
  readonly times: Float64Array
  /** One array an input; NaN is missing. */
  readonly columns: readonly Float64Array[]
  readonly labels: Float64Array
  /** How many of the rows that were joined have an outcome. */
  readonly outcomes: number
  /**
   * From when on each row's outcome counts for what is learnt of outcomes in time order, microseconds: once it is known,
   * and no sooner than its time is over, as else fast outcomes would count for more.
   */
  readonly outcomesCount: Float64Array
  /** The text of a code in the columns. */
  readonly textOf: (lastingCode: number) => string | undefined
  /** Values of the columns that the gate judges by group. */
  readonly segments: readonly {
    readonly column: string
    readonly values: readonly (string | null)[]
  }[]
  readonly manifest: DatasetManifest
  /** The test rows as those rivals take them that read other inputs. */
  readonly rivals: ReadonlyMap<Rival['role'], RivalColumns>
}

const SPINE = '_spine'

/**
 * Builds the training set of a job: each row of the model's stream with the features that were visible at its t, and
 * its outcome if that came in time. Rows whose outcome may still come are left out, whatever came already.
 * @throws TruelineError `no_training_rows`
 */
export async function buildDataset(
  job: TrainingJob,
  onProgress: (sentence: string, done: number) => void,
): Promise<Dataset> {
  const duckdb = await openDuckdb({ threads: job.threads, memory: '2GB', temporaryFolder: job.folder })
  try {
    return await duckdb.withConnection((connection) => buildWith(connection, job, onProgress))
  } finally {
    duckdb.close()
  }
}

async function buildWith(
  connection: DuckDBConnection,
  job: TrainingJob,
  onProgress: (sentence: string, done: number) => void,
): Promise<Dataset> {
  const model = job.project.models[job.model]!
  const plan = planVector(model, job.project, job.variant)
  const split = splitAt(model.split, model.label, job.cut)
  onProgress('selecting rows', 0)
  const read = sequencesOf(plan).map(({ stream }) => stream)
  const rivals = ownVectors(job)
  const streams = [model.at, model.label.from, ...read, ...rivals.flatMap(streamsOfRival)]
  const eventsOf = await jobEvents(connection, job, streams)
  const plans = [plan, ...rivals.map((rival) => rival.plan)]
  const ofRows = [...new Set([...columnsJudged(model), ...plans.flatMap(columnsAsked)])]
  const rows = await createSpine(connection, model, ofRows, split, eventsOf)
  onProgress(`joining outcomes to ${rows.toLocaleString('en')} rows`, 0.1)
  const label = {
    label: model.label,
    stream: job.project.streams[model.label.from]!,
    spine: SPINE,
    events: eventsOf(model.label.from).counted,
    cut: job.cut,
    rows,
  }
  const outcomes = await joinLabels(connection, label)
  onProgress('replaying features', 0.3)
  const dictionary = createDictionary()
  const { schema } = job.project.streams[model.at]!
  const { values: columns } = await replayVectors(connection, {
    ...{ plan, project: job.project, spine: SPINE, schema, rows, from: split.from, dictionary },
    inSight: (stream) => inSight(eventsOf(stream), model.servingLag),
  })
  const built: BuiltRows = { columns, dictionary, ...(await readSpine(connection, model, rows)) }
  const immature = await readCount(
    connection,
    `SELECT count(*) FROM ${eventsOf(model.at).asking(timeOf(model))} WHERE ${timeOf(model)} >= ${split.to}`,
  )
  const kept = rowsWithLabel(outcomes.labels)
  if (kept.length === 0 && outcomes.found === 0) throw noOutcomeError(job, rows)
  if (kept.length === 0)
    throw new TruelineError('no_training_rows', 'No row in the stretch of the split has a label.', { path: 'label' })
  if (rivals.length > 0) onProgress('replaying features of rivals', 0.9)
  const test = { spine: SPINE, from: split.test, kept }
  return {
    ...assemble(job, plan, split, built, outcomes, kept, immature),
    rivals: await rivalColumns(connection, job, rivals, test, eventsOf),
  }
}

function timeOf(model: ModelDefinition): string {
  return model.time === undefined ? '_known_at' : sqlName(model.time)
}

async function createSpine(
  connection: DuckDBConnection,
  model: ModelDefinition,
  columns: readonly string[],
  split: TimeSplit,
  eventsOf: (stream: string) => JobEvents,
): Promise<number> {
  const asking = eventsOf(model.at).asking(timeOf(model))
  await connection.run(`
    CREATE TABLE ${SPINE} AS SELECT row_number() OVER (ORDER BY _t, _id) - 1 AS _ordinal, * FROM (
      SELECT _id, ${timeOf(model)} AS _t${columns.map((name) => `, ${sqlName(name)}`).join('')} FROM ${asking}
    ) WHERE _t >= ${split.from} AND _t < ${split.to} ORDER BY _ordinal`)
  const rows = await readCount(connection, `SELECT count(*) FROM ${SPINE}`)
  if (rows > 0) return rows
  throw await explainEmptySplit(connection, model, split, {
    rows: `SELECT ${timeOf(model)} AS _t, _known_at FROM ${asking}`,
    outcomes: `SELECT _event_time AS _t, _known_at FROM ${eventsOf(model.label.from).counted}`,
  })
}

/** Columns of the asking row by which its outcome is found, and by whose groups it is judged. */
function columnsJudged({ label, gate }: ModelDefinition): string[] {
  return [...Object.keys(label.on), ...gate.segments]
}

/** Reads the times of the asking rows, and what they are judged by group of. */
async function readSpine(
  connection: DuckDBConnection,
  model: ModelDefinition,
  rows: number,
): Promise<Pick<Dataset, 'times' | 'segments'>> {
  const sql = `SELECT _t::DOUBLE FROM ${SPINE} ORDER BY _ordinal`
  const [times] = (await readColumns(connection, sql, ['double'], rows)) as [Float64Array]
  const segments: { column: string; values: (string | null)[] }[] = []
  for (const column of model.gate.segments) segments.push({ column, values: await readTexts(connection, column) })
  return { times, segments }
}

async function readTexts(connection: DuckDBConnection, column: string): Promise<(string | null)[]> {
  const texts: (string | null)[] = []
  const sql = `SELECT ${sqlName(column)}::VARCHAR FROM ${SPINE} ORDER BY _ordinal`
  for await (const chunk of streamChunks(connection, sql))
    for (const text of chunk.getColumnValues(0)) texts.push(text as string | null)
  return texts
}

/** The rows of the spine, before those without a label are left out. */
interface BuiltRows extends Pick<Dataset, 'times' | 'segments' | 'columns'> {
  readonly dictionary: Dictionary
}

/** Leaves out the rows without a label, and says what the set was made of. */
function assemble(
  job: TrainingJob,
  plan: VectorPlan,
  split: TimeSplit,
  built: BuiltRows,
  { labels, knownAt, found }: JoinedLabels,
  kept: Uint32Array,
  immature: number,
): Omit<Dataset, 'rivals'> {
  const { label, servingLag } = job.project.models[job.model]!
  const take = (values: Float64Array): Float64Array => (kept.length === values.length ? values : takeRows(values, kept))
  const times = take(built.times)
  const columns = built.columns.map(take)
  const labelled = take(labels)
  const outcomesCount = take(knownAt).map((known, row) => {
    const over = times[row]! + label.within + label.grace
    return Number.isNaN(known) ? over : Math.max(over, known + servingLag)
  })
  const { validate, test } = splitRows(times, split)
  const manifest: DatasetManifest = {
    rows: kept.length,
    parts: { train: validate, validate: test - validate, test: kept.length - test },
    from: split.from,
    to: split.to,
    cut: job.cut,
    offset: job.offset,
    excluded: { immature, unlabelled: labels.length - kept.length },
    inputs: plan.inputs.map(({ name }) => name),
    files: Object.fromEntries(
      Object.entries(job.files).map(([stream, files]) => [stream, files.map(({ digest, rows }) => ({ digest, rows }))]),
    ),
    features: inputDigests(plan, job.project, job.model),
    content: digestOfColumns([times, ...columns, labelled]),
  }
  const segments = built.segments.map(({ column, values }) => ({
    column,
    values: Array.from(kept, (row) => values[row]!),
  }))
  const { inputs } = plan
  const { textOf } = built.dictionary
  return { inputs, split, times, columns, labels: labelled, outcomes: found, outcomesCount, textOf, segments, manifest }
}

function rowsWithLabel(labels: Float64Array): Uint32Array {
  let count = 0
  for (const label of labels) if (!Number.isNaN(label)) count += 1
  const rows = new Uint32Array(count)
  let filled = 0
  for (let row = 0; row < labels.length; row += 1) if (!Number.isNaN(labels[row]!)) rows[filled++] = row
  return rows
}

function digestOfColumns(columns: readonly Float64Array[]): Digest {
  const hash = createHash('sha256')
  for (const column of columns) hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  return `sha256:${hash.digest('hex')}`
}
