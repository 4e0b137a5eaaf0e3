import type { DuckDBConnection } from '@duckdb/node-api'
import { type Digest, digestOfJson } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import { planVector, sequencesOf } from '../../../data/features/vector.ts'
import { readRun } from '../../../models/registry/runs.ts'
import { readVersion } from '../../../models/registry/versions.ts'
import { jobEvents } from '../../../models/training/job-events.ts'
import { joinLabels } from '../../../models/training/join-labels.ts'
import { createSpine, SPINE } from '../../../models/training/spine.ts'
import type { DatasetManifest } from '../../../models/training/training-job.ts'
import type { OutcomeFigures } from '../../../operate/retraining/judge-batch.ts'
import { openDuckdb } from '../../../stores/lake/duckdb.ts'
import { readColumns } from '../../../stores/lake/read-columns.ts'
import type { RetrainingParts } from './retraining-parts.ts'

/** What has come since the data that a version was trained on. */
export interface NewLabels {
  readonly fresh: OutcomeFigures
  /** Its training rows, where they are asked for; else of none. */
  readonly before: OutcomeFigures
  /** Digest of the data that a training would read now, and of what serves. */
  readonly root: Digest
}

/**
 * Counts the rows that a training would take now and that have their label since a version was trained; what is in the
 * event log alone is written to files first.
 * @param withBefore whether the rows that it was trained on are looked at, too
 */
export async function countLabels(
  parts: RetrainingParts,
  model: string,
  champion: number,
  withBefore: boolean,
): Promise<NewLabels> {
  const { project, lake, log, clock } = parts
  const definition = project.models[model]!
  const { label } = definition
  await lake.flush()
  const cut = clock.now()
  const trained = await trainedOn(parts, model, champion)
  const read = sequencesOf(planVector(definition, project)).map(({ stream }) => stream)
  const files = Object.fromEntries(
    [...new Set([definition.at, label.from, ...read])].map((name) => [name, lake.files(name)]),
  )
  const to = cut - label.within - label.grace
  const from = withBefore ? trained.from : trained.to
  const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder, memory: '2GB' })
  try {
    return await duckdb.withConnection(async (connection) => {
      const job = { project, files, offset: log.flushedOffset, cut }
      const eventsOf = await jobEvents(connection, job, [definition.at, label.from])
      const split = { from, validate: from, test: from, to }
      const columns = Object.keys(label.on)
      let rows = 0
      try {
        if (from < to) rows = await createSpine(connection, definition, columns, split, eventsOf)
      } catch (thrown) {
        if (!(thrown instanceof TruelineError && thrown.code === 'no_training_rows')) throw thrown
      }
      const stream = project.streams[label.from]!
      const events = eventsOf(label.from).counted
      const labels =
        rows === 0
          ? new Float64Array(0)
          : (await joinLabels(connection, { label, stream, spine: SPINE, events, cut, rows })).labels
      const t = rows === 0 ? new Float64Array(0) : await timesOf(connection, rows)
      const fresh = figuresOf(labels, t, trained.to, to, label.classes)
      const content = Object.entries(files).map(([name, list]) => [name, list.map(({ digest }) => digest)])
      return {
        fresh,
        before: figuresOf(labels, t, trained.from, trained.to, label.classes),
        root: digestOfJson({ champion, labels: fresh.n, files: content }),
      }
    })
  } finally {
    duckdb.close()
  }
}

async function timesOf(connection: DuckDBConnection, rows: number): Promise<Float64Array> {
  const [t] = await readColumns(connection, `SELECT _t::DOUBLE FROM ${SPINE} ORDER BY _ordinal`, ['double'], rows)
  return t!
}

/** The stretch of t of the rows that a version was trained and judged on, microseconds. */
async function trainedOn(
  { metadata, project }: RetrainingParts,
  model: string,
  champion: number,
): Promise<{ readonly from: number; readonly to: number }> {
  const { runId, createdAt } = await readVersion(metadata, model, champion)
  const data = (await readRun(metadata, runId)).data as DatasetManifest | null
  if (data !== null) return { from: data.bounds?.from ?? data.from, to: data.bounds?.to ?? data.to }
  const { within, grace } = project.models[model]!.label
  const to = createdAt - within - grace
  return { from: to, to }
}

function figuresOf(
  labels: Float64Array,
  t: Float64Array,
  from: number,
  to: number,
  classes: readonly string[] | undefined,
): OutcomeFigures {
  const known = labels.filter((label, row) => !Number.isNaN(label) && t[row]! >= from && t[row]! < to)
  const means =
    classes === undefined
      ? [spreadOf(known)]
      : classes.map((name, place) => ({ name, ...spreadOf(known.map((label) => Number(label === place))) }))
  return { n: known.length, means }
}

function spreadOf(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  let n = 0
  let mean = 0
  let squares = 0
  for (const value of values) {
    n += 1
    const above = value - mean
    mean += above / n
    squares += above * (value - mean)
  }
  return { mean, deviation: n < 2 ? 0 : Math.sqrt(squares / (n - 1)) }
}
