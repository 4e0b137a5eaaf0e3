import { createHash } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Digest } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { replayFeatures } from '../../data/features/replay.ts'
import { planVector, type VectorInput, type VectorPlan } from '../../data/features/vector.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import { createDictionary, type Dictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb, sqlName, sqlText, streamChunks } from '../../stores/lake/duckdb.ts'
import { columnAsDouble } from '../../stores/lake/event-columns.ts'
import { inputDigests } from './input-digests.ts'
import { joinLabels } from './join-labels.ts'
import { splitAt, type TimeSplit } from './time-split.ts'
import type { DatasetManifest, TrainingJob } from './training-job.ts'

/** A point-in-time correct training set, rows in the order of t and id. */
export interface Dataset {
  readonly inputs: readonly VectorInput[]
  readonly split: TimeSplit
  /** t of each row, microseconds. */
  readonly times: Float64Array
  /** One array an input; NaN is missing. */
  readonly columns: readonly Float64Array[]
  readonly labels: Float64Array
  /** Values of the columns that the gate judges by group. */
  readonly segments: readonly { readonly column: string; readonly values: readonly (string | number | boolean | null)[] }[]
  readonly manifest: DatasetManifest
}

const SPINE = '_spine'

/**
 * Builds the training set of a job: each row of the model's stream with the features that were visible at its t, and
 * its outcome if that came in time. Rows whose outcome may still come are left out, whatever came already.
 * @throws TruelineError `no_training_rows`
 */
export async function buildDataset(job: TrainingJob, onProgress: (sentence: string, done: number) => void): Promise<Dataset> {
  const model = job.project.models[job.model]!
  const plan = planVector(model, job.project, job.variant)
  const split = splitAt(model.split, model.label, job.cut)
  const duckdb = await openDuckdb({ threads: job.threads, memory: '2GB', temporaryFolder: job.folder })
  try {
    const { connection } = duckdb
    onProgress('selecting rows', 0)
    const rows = await createSpine(connection, job, plan, split)
    onProgress(`joining outcomes to ${rows.toLocaleString('en')} rows`, 0.1)
    const label = { label: model.label, stream: job.project.streams[model.label.from]!, spine: SPINE, events: relationOf(job, model.label.from), cut: job.cut, rows }
    const { labels } = await joinLabels(connection, label)
    onProgress('replaying features', 0.3)
    const dictionary = createDictionary()
    const columns: Float64Array[] = plan.inputs.map(() => new Float64Array(rows))
    await replayGroups(connection, job, plan, split, dictionary, columns, rows)
    const spine = await readSpine(connection, model, job, plan, dictionary, columns, rows)
    const immature = await countRows(connection, job, model, split.to, job.cut)
    const kept = keptRows(labels)
    return assemble(job, plan, split, { ...spine, columns, labels }, kept, immature)
  } finally {
    duckdb.close()
  }
}

/** A stream's events up to the job's state of the data. */
function relationOf(job: TrainingJob, stream: string): string {
  const files = job.files[stream] ?? []
  if (files.length === 0) throw new TruelineError('no_training_rows', `The stream '${stream}' has no events yet.`, { path: stream })
  const list = files.map(({ path }) => sqlText(path)).join(', ')
  return `(SELECT * FROM read_parquet([${list}]) WHERE _offset <= ${job.offset} AND _known_at < ${job.cut})`
}

function timeOf(model: ModelDefinition): string {
  return model.time === undefined ? '_known_at' : sqlName(model.time)
}

async function createSpine(connection: DuckDBConnection, job: TrainingJob, plan: VectorPlan, split: TimeSplit): Promise<number> {
  const model = job.project.models[job.model]!
  const columns = spineColumns(model, plan).map((name) => `, ${sqlName(name)}`)
  await connection.run(`
    CREATE TABLE ${SPINE} AS SELECT row_number() OVER (ORDER BY _t, _id) - 1 AS _ordinal, * FROM (
      SELECT _id, ${timeOf(model)} AS _t${columns.join('')} FROM ${relationOf(job, model.at)}
    ) WHERE _t >= ${split.from} AND _t < ${split.to} ORDER BY _ordinal`)
  const rows = await countOf(connection, `SELECT count(*) FROM ${SPINE}`)
  if (rows > 0) return rows
  throw new TruelineError('no_training_rows', `No row of '${model.at}' lies in the stretch that the split covers.`, { path: 'split' })
}

/** Columns of the asking row that anything reads, each once. */
function spineColumns(model: ModelDefinition, plan: VectorPlan): string[] {
  const read = plan.inputs.flatMap(({ source }) => (source.kind === 'row' ? columnsOf(source.expression) : []))
  const keys = plan.groups.flatMap(({ rowColumns }) => rowColumns)
  return [...new Set([...read, ...keys, ...Object.keys(model.label.on), ...model.gate.segments])]
}

async function replayGroups(
  connection: DuckDBConnection,
  job: TrainingJob,
  plan: VectorPlan,
  split: TimeSplit,
  dictionary: Dictionary,
  columns: readonly Float64Array[],
  rows: number,
): Promise<void> {
  void connection
  void job
  void plan
  void split
  void dictionary
  void columns
  void rows
  void replayFeatures
}
