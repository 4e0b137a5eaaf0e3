import type { DuckDBConnection } from '@duckdb/node-api'
import type { Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { replayVectors } from '../../data/features/replay-vectors.ts'
import { columnsAsked, planVector, sequencesOf, type VectorInput } from '../../data/features/vector.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb, sqlName, streamChunks } from '../../stores/lake/duckdb.ts'
import { readColumns } from '../../stores/lake/read-columns.ts'
import { inputDigests } from './input-digests.ts'
import { inSight, type JobEvents, jobEvents } from './job-events.ts'
import { type JoinedLabels, joinLabels } from './join-labels.ts'
import { noOutcomeError } from './no-outcome.ts'
import { readWeights } from './read-weights.ts'
import { digestOfRows } from './rows-digest.ts'
import { columnsGrouped, takeRows } from './segments.ts'
import { createSpine, SPINE, timeOf } from './spine.ts'
import { splitAt, splitRows, type TimeSplit } from './time-split.ts'
import type { DatasetManifest, TrainingJob } from './training-job.ts'

/** Rows that ask and have an outcome, each with what was known at its t; in the order of t and id. */
export interface DatasetRows {
  readonly inputs: readonly VectorInput[]
  /** t of each row, microseconds. */
  readonly times: Float64Array
  /** One array an input; NaN is missing. */
  readonly columns: readonly Float64Array[]
  readonly labels: Float64Array
  /** How much each row counts, as the model says of its rows; absent where it says nothing. */
  readonly weights?: Float64Array
  /** Place of each row among all that asked, whether they have an outcome or not. */
  readonly places: Float64Array
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
  /** Rows that asked and are not among these, by why. */
  readonly excluded: DatasetManifest['excluded']
}

/** A point-in-time correct training set, rows in the order of t and id. */
export interface Dataset extends DatasetRows {
  readonly split: TimeSplit
  readonly manifest: DatasetManifest
}

/**
 * Builds the training set of a job: each row of the model's stream with the features that were visible at its t, and
 * its outcome if that came in time. Rows whose outcome may still come are left out, whatever came already.
 * @throws TruelineError `no_training_rows`
 */
export async function buildDataset(
  job: TrainingJob,
  onProgress: (sentence: string, done: number) => void,
): Promise<Dataset> {
  const rows = await buildRows(job, onProgress)
  return { ...rows, split: splitOf(job), manifest: manifestOf(job, rows) }
}

/** The stretches of t that a job trains, chooses and tests on. */
export function splitOf({ project, model, cut }: TrainingJob): TimeSplit {
  const { split, label } = project.models[model]!
  return splitAt(split, label, cut)
}

/**
 * Replays the features of a job's rows and joins their outcomes.
 * @throws TruelineError `no_training_rows`
 */
export async function buildRows(
  job: TrainingJob,
  onProgress: (sentence: string, done: number) => void,
): Promise<DatasetRows> {
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
): Promise<DatasetRows> {
  const model = job.project.models[job.model]!
  const plan = planVector(model, job.project, job.variant)
  const split = splitOf(job)
  onProgress('selecting rows', 0)
  const eventsOf = await jobEvents(connection, job, streamsOfRows(job))
  const ofRows = [...new Set([...columnsJudged(model), ...columnsAsked(plan)])]
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
  onProgress(`replaying features of ${rows.toLocaleString('en')} rows`, 0.3)
  const dictionary = createDictionary()
  const { schema } = job.project.streams[model.at]!
  const { values: columns } = await replayVectors(connection, {
    ...{ plan, project: job.project, spine: SPINE, schema, rows, from: split.from, dictionary },
    inSight: (stream) => inSight(eventsOf(stream), model.servingLag),
  })
  const asked = { inputs: plan.inputs, columns, ...(await readSpine(connection, model, schema, rows)) }
  const outside = await rowsOutside(connection, model, split, eventsOf(model.at))
  const kept = rowsWithLabel(outcomes.labels)
  if (kept.length === 0 && outcomes.found === 0) throw noOutcomeError(job, rows)
  if (kept.length === 0)
    throw new TruelineError('no_training_rows', 'No row in the stretch of the split has a label.', { path: 'label' })
  return { ...labelledRows(model, asked, outcomes, kept, outside), textOf: dictionary.textOf }
}

/** How many rows ask outside of the stretch of a split: before it, and after it, where outcomes may still come. */
async function rowsOutside(
  connection: DuckDBConnection,
  model: ModelDefinition,
  { from, to }: TimeSplit,
  { asking }: JobEvents,
): Promise<Pick<DatasetManifest['excluded'], 'before' | 'immature'>> {
  const t = timeOf(model)
  const counts = `(count(*) FILTER (WHERE ${t} < ${from}))::DOUBLE, (count(*) FILTER (WHERE ${t} >= ${to}))::DOUBLE`
  const [before, immature] = await readColumns(
    connection,
    `SELECT ${counts} FROM ${asking(t)}`,
    ['double', 'double'],
    1,
  )
  return { before: before![0]!, immature: immature![0]! }
}

/** The streams that the rows of a job are made of. */
export function streamsOfRows({ project, model: name, variant }: TrainingJob): string[] {
  const model = project.models[name]!
  const read = sequencesOf(planVector(model, project, variant)).map(({ stream }) => stream)
  return [...new Set([model.at, model.label.from, ...read])]
}

/** Columns of the asking row by which its outcome is found, by whose groups it is judged, and that say how much it counts. */
function columnsJudged({ label, gate, weights }: ModelDefinition): string[] {
  return [
    ...Object.keys(label.on),
    ...columnsGrouped(gate),
    ...(weights?.rows === undefined ? [] : columnsOf(weights.rows)),
  ]
}

/** Reads the times of the asking rows, what they are judged by group of, and how much they count. */
async function readSpine(
  connection: DuckDBConnection,
  model: ModelDefinition,
  schema: Schema,
  rows: number,
): Promise<Pick<Dataset, 'times' | 'segments' | 'weights'>> {
  const sql = `SELECT _t::DOUBLE FROM ${SPINE} ORDER BY _ordinal`
  const [times] = (await readColumns(connection, sql, ['double'], rows)) as [Float64Array]
  const segments: { column: string; values: (string | null)[] }[] = []
  for (const column of columnsGrouped(model.gate))
    segments.push({ column, values: await readTexts(connection, column) })
  const expression = model.weights?.rows
  if (expression === undefined) return { times, segments }
  return { times, segments, weights: await readWeights(connection, expression, SPINE, schema, rows) }
}

async function readTexts(connection: DuckDBConnection, column: string): Promise<(string | null)[]> {
  const texts: (string | null)[] = []
  const sql = `SELECT ${sqlName(column)}::VARCHAR FROM ${SPINE} ORDER BY _ordinal`
  for await (const chunk of streamChunks(connection, sql))
    for (const text of chunk.getColumnValues(0)) texts.push(text as string | null)
  return texts
}

/** Leaves out the rows without a label. */
function labelledRows(
  { label, servingLag }: ModelDefinition,
  asked: Pick<DatasetRows, 'inputs' | 'times' | 'columns' | 'segments' | 'weights'>,
  { labels, knownAt, found, otherClass }: JoinedLabels,
  kept: Uint32Array,
  outside: Pick<DatasetManifest['excluded'], 'before' | 'immature'>,
): Omit<DatasetRows, 'textOf'> {
  const take = (values: Float64Array): Float64Array => (kept.length === values.length ? values : takeRows(values, kept))
  const times = take(asked.times)
  return {
    inputs: asked.inputs,
    times,
    columns: asked.columns.map(take),
    labels: take(labels),
    ...(asked.weights === undefined ? {} : { weights: take(asked.weights) }),
    places: Float64Array.from(kept),
    outcomes: found,
    outcomesCount: take(knownAt).map((known, row) => {
      const over = times[row]! + label.within + label.grace
      return Number.isNaN(known) ? over : Math.max(over, known + servingLag)
    }),
    segments: asked.segments.map(({ column, values }) => ({ column, values: Array.from(kept, (row) => values[row]!) })),
    excluded: {
      ...{ ...outside, unlabelled: labels.length - kept.length },
      ...(label.classes === undefined ? {} : { otherClass }),
    },
  }
}

/**
 * Says what a job's rows were made of.
 * @throws TruelineError `no_training_rows` when a part of them is empty
 */
export function manifestOf(
  job: TrainingJob,
  { times, columns, labels, weights, excluded }: Omit<DatasetRows, 'textOf'>,
): DatasetManifest {
  const split = splitOf(job)
  const model = job.project.models[job.model]!
  const plan = planVector(model, job.project, job.variant)
  const { classes } = model.label
  const { validate, test } = splitRows(times, split)
  const { root, rowsOfBlock, blocks } = digestOfRows([
    times,
    ...columns,
    labels,
    ...(weights === undefined ? [] : [weights]),
  ])
  return {
    rows: times.length,
    parts: { train: validate, validate: test - validate, test: times.length - test },
    bounds: { ...split },
    from: split.from,
    to: split.to,
    cut: job.cut,
    offset: job.offset,
    excluded,
    inputs: plan.inputs.map(({ name }) => name),
    ...(classes === undefined ? {} : { classes }),
    files: Object.fromEntries(
      streamsOfRows(job).map((stream) => [
        stream,
        (job.files[stream] ?? []).map(({ digest, rows }) => ({ digest, rows })),
      ]),
    ),
    features: inputDigests(plan, job.project, job.model),
    content: root,
    blocks: { rows: rowsOfBlock, digests: blocks },
  }
}

function rowsWithLabel(labels: Float64Array): Uint32Array {
  let count = 0
  for (const label of labels) if (!Number.isNaN(label)) count += 1
  const rows = new Uint32Array(count)
  let filled = 0
  for (let row = 0; row < labels.length; row += 1) if (!Number.isNaN(labels[row]!)) rows[filled++] = row
  return rows
}
