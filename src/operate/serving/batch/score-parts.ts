import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { asTruelineError } from '../../../core/errors.ts'
import { startReplayThreads } from '../../../data/features/replay-threads.ts'
import { sequencesOf, valuesOf } from '../../../data/features/vector.ts'
import type { VectorScorer } from '../../../models/inference/encoders.ts'
import { startScoringThreads } from '../../../models/inference/scoring-threads.ts'
import { jobEvents } from '../../../models/training/job-events.ts'
import { artifactReader } from '../../../stores/artifacts/artifacts.ts'
import { settleFile } from '../../../stores/durable-file.ts'
import { loadExplainer } from '../load-explainer.ts'
import { scorerBytes } from '../load-version.ts'
import { createVectorScoring } from '../vector-scoring.ts'
import type { BatchJob } from './batch-job.ts'
import { batchStep } from './batch-step.ts'
import type { PartFigures } from './part-figures.ts'
import { type PartScoring, type PartThreads, scorePart } from './score-part.ts'
import { populationFile } from './stage-population.ts'

/** Bytes that the vectors of a part may take. */
const MEMORY_OF_A_PART = 160 * 2 ** 20
const MOST_ROWS_OF_A_PART = 1_000_000
/** Reasons are texts, and what explains a row takes milliseconds: a run that is broken off has less to do again. */
const MOST_ROWS_WITH_REASONS = 20_000

/** What the parts of a staged population are scored by. */
export interface PartsScoring extends Pick<PartScoring, 'served' | 'schema' | 'output' | 'reference'> {
  /** Of the population. */
  readonly rows: number
}

/** Where the output of a part is, once it is scored. */
export function partFile({ folder }: Pick<BatchJob, 'folder'>, part: number): string {
  return join(folder, `${nameOf(part)}.parquet`)
}

/** Where the rows of a part are that could not be scored. */
export function unscoredFile({ folder }: Pick<BatchJob, 'folder'>, part: number): string {
  return join(folder, `unscored-${part}.jsonl`)
}

function nameOf(part: number): string {
  return `part-${String(part).padStart(5, '0')}`
}

/**
 * Scores a staged population part by part. One that was scored before is not scored again.
 * @param onPart told how many rows are done before each part
 * @returns what was counted of each part
 */
export async function scoreParts(
  connection: DuckDBConnection,
  job: BatchJob,
  { rows, ...scored }: PartsScoring,
  onPart: (done: number) => void,
): Promise<readonly PartFigures[]> {
  const size = rowsOfPart(job, valuesOf(scored.served.plan).length)
  const figures: PartFigures[] = []
  let threads: PartThreads | undefined
  let scoring: PartScoring | undefined
  try {
    for (let from = 0; from < rows; from += size) {
      const part = figures.length
      onPart(from)
      const scoreNow = async (): Promise<PartFigures> => {
        threads ??= await startThreads(job, scored.served.scorer, rows)
        scoring ??= { ...scored, ...(await scoringOf(connection, job, scored)), threads }
        const path = partFile(job, part)
        const files = { path: `${path}.tmp`, rejects: unscoredFile(job, part) }
        const counted = await scorePart(connection, scoring, [from, Math.min(rows, from + size)], files)
        await settleFile(files.path, path)
        return counted
      }
      figures.push(await batchStep(job, nameOf(part), scoreNow))
    }
  } finally {
    await threads?.replay.stop()
    await threads?.scoring.stop()
  }
  return figures
}

async function scoringOf(
  connection: DuckDBConnection,
  job: BatchJob,
  { served }: Pick<PartScoring, 'served'>,
): Promise<Pick<PartScoring, 'run' | 'population' | 'scoring' | 'explainer' | 'eventsOf'>> {
  const { project, files, offset, at, version, artifacts, definition } = job
  const streams = sequencesOf(served.plan).map(({ stream }) => stream)
  return {
    run: job.run,
    population: populationFile(job),
    scoring: createVectorScoring(served),
    explainer:
      definition.reasons === true
        ? await loadExplainer(version, artifactReader(artifacts)).catch(asTruelineError)
        : undefined,
    eventsOf: await jobEvents(connection, { project, files, offset, cut: at }, streams),
  }
}

/** @param rows of the population */
async function startThreads(
  { version, artifacts, threads }: BatchJob,
  scorer: VectorScorer,
  rows: number,
): Promise<PartThreads> {
  const bytes = await scorerBytes(version, artifactReader(artifacts))
  return {
    replay: startReplayThreads(rows, threads),
    scoring: startScoringThreads(scorer, bytes, rows, threads),
  }
}

function rowsOfPart({ rowsOfPart: given, definition }: BatchJob, values: number): number {
  const most = definition.reasons === true ? MOST_ROWS_WITH_REASONS : MOST_ROWS_OF_A_PART
  // A value has eight bytes, and its status one.
  return given ?? Math.min(most, Math.floor(MEMORY_OF_A_PART / (9 * Math.max(1, values))))
}
