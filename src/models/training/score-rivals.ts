import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOfFile } from '../../stores/lake/file-digest.ts'
import { calibrated, decodeCalibration } from '../inference/calibration.ts'
import { decodeScorer } from '../inference/decode-scorer.ts'
import { decodeEncoders } from '../inference/encoders.ts'
import type { Rivals } from './gate.ts'
import type { KeptDataset } from './pipeline/dataset-steps.ts'
import { readDoubles, writeDoubles } from './pipeline/doubles-file.ts'
import type { StepRunner } from './pipeline/step-runner.ts'
import { ownVectors, rivalColumns, streamsOfRivals } from './rival-columns.ts'
import { rowsOfFiles } from './rows-of-files.ts'
import { scoreRows } from './score-rows.ts'
import type { Rival, TrainingJob } from './training-job.ts'

/** The scores of the models that a candidate is compared with, on its own test rows. */
export interface RivalScores {
  /** What they are, as plain JSON. */
  readonly of: unknown
  rivals(): Promise<Rivals>
}

/** Scores the test rows of a dataset by a job's rivals, or takes the scores that are kept. */
export async function keepRivalScores(
  job: TrainingJob,
  runner: StepRunner,
  dataset: KeptDataset,
): Promise<RivalScores> {
  const { parts } = dataset.manifest
  const streams = streamsOfRivals(ownVectors(job))
  const scored = await runner.run({
    name: 'compare',
    of: {
      ...{ ...dataset.of, rivals: await Promise.all(job.rivals.map(meaningOf)) },
      data: streams.map((stream) => [stream, rowsOfFiles(job.files[stream])]),
    },
    async work(folder) {
      const files: Record<string, string> = {}
      const rows = job.rivals.length === 0 ? undefined : await dataset.rows()
      const own = rows === undefined ? new Map() : await rivalColumns(job, rows.places)
      for (const rival of job.rivals) {
        if (rival.vectors.kind === 'lost') continue
        const columns = own.get(rival.role)
        const from = columns === undefined ? parts.train + parts.validate : 0
        const path = join(folder, `${rival.role}.bin`)
        await writeDoubles(path, await scoreBy(rival, columns ?? rows!, from))
        files[`${rival.role}.bin`] = path
      }
      return { files, figures: { incomparable: incomparable(job.rivals) } }
    },
  })
  const read = async (role: Rival['role']): Promise<Partial<Rivals>> => {
    const file = scored.files[`${role}.bin`]
    return file === undefined ? {} : { [role]: await readDoubles(runner.path(file)) }
  }
  return {
    of: { files: scored.files, incomparable: incomparable(job.rivals) },
    rivals: async () => ({
      ...(await read('baseline')),
      ...(await read('champion')),
      incomparable: incomparable(job.rivals),
    }),
  }
}

function incomparable(rivals: readonly Rival[]): Rivals['incomparable'] {
  return rivals.flatMap(({ role, vectors }) => (vectors.kind === 'lost' ? [role] : []))
}

async function meaningOf({ role, scorer, encoders, calibration, vectors }: Rival) {
  const files = calibration === undefined ? [scorer, encoders] : [scorer, encoders, calibration]
  return { role, files: await Promise.all(files.map(digestOfFile)), vectors }
}

async function scoreBy(
  { scorer, encoders, calibration }: Rival,
  columns: Parameters<typeof scoreRows>[2],
  from: number,
): Promise<Float64Array> {
  const model = decodeScorer(await readFile(scorer))
  const raw = scoreRows(decodeEncoders(await readFile(encoders)), model, columns, from)
  const fitted = calibration === undefined ? undefined : decodeCalibration(await readFile(calibration))
  return calibrated(fitted, raw, model.outputs)
}
