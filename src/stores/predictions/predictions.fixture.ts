import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type VirtualClock, virtualClock } from '../../core/clock.ts'
import type { EventLog } from '../log/event-log.ts'
import type { NewPrediction, PredictionLayout } from '../log/prediction-block.ts'
import { openLog } from '../log/sqlite-event-log.ts'
import { openPredictions, type PredictionsOptions } from './open-predictions.ts'
import type { Predictions } from './predictions.ts'

export const START = Date.UTC(2026, 2, 1, 12) * 1000
const secret = new Uint8Array(32).fill(9)
export const layout = (model = 'late_flight', version = 1): PredictionLayout => ({
  ...{ model, version, digest: 'sha256:abc' },
  features: ['origin.mean', 'Score', 'score'],
  groups: ['origin', 'origin'],
})

export function prediction(index: number, more: Partial<NewPrediction> = {}): NewPrediction {
  return {
    t: START + index,
    servedAt: START + index + 7,
    mode: 'http',
    row: JSON.stringify({ flight: `é${index}`, note: index % 3 === 0 ? '' : 'a longer text than DuckDB keeps inside' }),
    values: Float64Array.of(index / 3, index % 2 === 0 ? -0 : Number.NaN, 2 ** -1074 * (index + 1)),
    statuses: Uint8Array.of(3, 2, 1),
    generations: [0, 2 ** 32 - 1],
    partitions: [5, 63],
    offsets: [-1, 2 ** 50 + index],
    score: index % 5 === 0 ? Number.NaN : -index / 7,
    decision: index % 2 === 0 ? 'rebook' : undefined,
    decidedBy: index % 4 === 0 ? 'rule' : undefined,
    latency: 2 ** 32 - 1 - index,
    ...more,
  }
}

interface Stores extends AsyncDisposable {
  readonly log: EventLog
  readonly predictions: Predictions
  readonly clock: VirtualClock
}

export async function open(
  folder: string,
  sizes: Pick<PredictionsOptions, 'moveRows' | 'searchRows'> = {},
): Promise<Stores> {
  const clock = virtualClock(START)
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock, secret })
  const lake = { folder: join(folder, 'lake'), temporaryFolder: join(folder, 'lake', 'tmp') }
  const predictions = await openPredictions({
    log,
    logPath,
    lake,
    secret,
    ...sizes,
  })
  return {
    ...{ log, predictions, clock },
    async [Symbol.asyncDispose]() {
      await predictions.close()
      await log.close()
    },
  }
}

/** Logs predictions in blocks of ten and gives their ids. */
export async function logged(
  log: EventLog,
  from: number,
  to: number,
  of = layout(),
  more: Partial<NewPrediction> = {},
) {
  const ids: string[] = []
  for (let start = from; start < to; start += 10) {
    const block = log.createPredictionBlock(of)
    for (let index = start; index < Math.min(to, start + 10); index += 1) ids.push(block.add(prediction(index, more)))
    log.appendPredictions(block)
  }
  await log.drained()
  return ids
}

export const temporary = () => mkdtempDisposable(join(tmpdir(), 'trueline-predictions-'))
