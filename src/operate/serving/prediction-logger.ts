import type { VectorBuffer } from '../../data/features/vector-reader.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { NewPrediction, PredictionBlock, PredictionLayout } from '../../stores/log/prediction-block.ts'
import type { ServedVersion } from './served-version.ts'

/** A prediction to be recorded; its arrays are copied. */
export interface PredictionToLog {
  readonly t: number
  readonly servedAt: number
  readonly mode: string
  readonly row: string
  readonly vector: VectorBuffer
  readonly score: number
  readonly decision: string | undefined
  readonly latency: number
}

/** Collects predictions of one version into blocks for the log. */
export interface PredictionLogger {
  /** Records a prediction and gives its id; a full block goes to the log by itself. */
  add(prediction: PredictionToLog): string
  /** Hands the block that is being filled to the log; the ticket of the last block handed over, if any ever was. */
  flush(): number | undefined
}

/**
 * A logger of a version's predictions. It never waits: while the log has no room, full blocks are shed and counted, so
 * that a slow disk cannot stop serving.
 */
export function createPredictionLogger(
  served: ServedVersion,
  log: EventLog,
  onShed: (count: number) => void,
): PredictionLogger {
  const layout: PredictionLayout = {
    model: served.model.name,
    version: served.version,
    digest: served.digest,
    features: served.plan.inputs.map(({ name }) => name),
    groups: served.plan.groups.map(({ definition }) => definition.name),
  }
  const generations = new Uint32Array(layout.groups.length)
  let block: PredictionBlock = log.createPredictionBlock(layout)
  let hasRoom = true
  let ticket: number | undefined

  function hand(): void {
    if (block.length === 0) return
    if (hasRoom) {
      ticket = log.appendPredictions(block)
      hasRoom = false
      log.ready().then(
        () => {
          hasRoom = true
        },
        // A log that has failed says so at the next append.
        () => {
          hasRoom = true
        },
      )
      block = log.createPredictionBlock(layout)
    } else if (block.full) {
      onShed(block.length)
      block = log.createPredictionBlock(layout)
    }
  }

  return {
    add({ t, servedAt, mode, row, vector, score, decision, latency }) {
      generations.fill(log.generation)
      const prediction: NewPrediction = {
        t,
        servedAt,
        mode,
        row,
        values: vector.values,
        statuses: vector.statuses,
        generations,
        partitions: vector.partitions,
        offsets: vector.offsets,
        score,
        decision,
        latency: Math.min(Math.round(latency), 0xffffffff),
      }
      const id = block.add(prediction)
      if (block.full) hand()
      return id
    },
    flush() {
      hand()
      return ticket
    },
  }
}
