import { sequencesOf } from '../../data/features/vector.ts'
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
  /** What decided, where it was not the score alone. */
  readonly decidedBy?: string | undefined
  readonly latency: number
}

/** Collects predictions of one version into blocks for the log. */
export interface PredictionLogger {
  /** Predictions that were not handed to the log yet. */
  readonly pending: number
  /** Records a prediction and gives its id; a full block goes to the log by itself. */
  add(prediction: PredictionToLog): string
  /**
   * Hands the block that is being filled to the log; without room there it is kept, unless `always` says otherwise.
   * @returns the ticket of the last block handed over, if any ever was
   */
  flush(always?: boolean): number | undefined
}

export interface PredictionLoggerOptions {
  readonly served: ServedVersion
  readonly log: EventLog
  /** Nothing is shed: whoever asks waits for the log. */
  readonly sync: boolean
  /** Told of predictions that were answered and will never be in the log. */
  readonly onShed: (count: number) => void
}

/**
 * A logger of a version's predictions. It never waits: while the log has no room, full blocks are shed and counted, so
 * that a slow disk cannot stop serving.
 */
export function createPredictionLogger({ served, log, sync, onShed }: PredictionLoggerOptions): PredictionLogger {
  const layout: PredictionLayout = {
    model: served.model.name,
    version: served.version,
    digest: served.digest,
    features: served.plan.inputs.map(({ name }) => name),
    groups: sequencesOf(served.plan).map(({ name }) => name),
  }
  const generations = new Uint32Array(layout.groups.length)
  let block: PredictionBlock = log.createPredictionBlock(layout)
  let hasRoom = true
  let isLost = false
  let ticket: number | undefined

  function hand(always: boolean): void {
    if (block.length === 0 || isLost) return
    if (hasRoom || always) append()
    else if (block.full) shed()
  }

  function append(): void {
    const filled = block
    const { length } = filled
    try {
      block = log.createPredictionBlock(layout)
      ticket = log.appendPredictions(filled)
    } catch (thrown) {
      // The log has failed and takes nothing any more.
      isLost = true
      onShed(length)
      throw thrown
    }
    log.durable(ticket).catch(() => onShed(length))
    hasRoom = false
    const open = (): void => {
      hasRoom = true
    }
    log.ready().then(open, open)
  }

  function shed(): void {
    onShed(block.length)
    block = log.createPredictionBlock(layout)
  }

  return {
    get pending() {
      return isLost ? 0 : block.length
    },
    add({ t, servedAt, mode, row, vector, score, decision, decidedBy, latency }) {
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
        decidedBy,
        latency: Math.min(Math.round(latency), 0xffffffff),
      }
      const id = block.add(prediction)
      if (block.full) hand(sync)
      return id
    },
    flush(always = sync) {
      hand(always)
      return ticket
    },
  }
}
