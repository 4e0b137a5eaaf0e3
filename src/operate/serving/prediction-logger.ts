import { textCode } from '../../core/text-code.ts'
import type { VectorBuffer } from '../../data/features/vector-reader.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import { type NewPrediction, type PredictionBlock, unloggedId } from '../../stores/log/prediction-block.ts'
import { predictionLayoutOf, type Recording, recordingOf } from './prediction-layout.ts'
import type { ServedVersion } from './served-version.ts'

/** A prediction to be recorded; its arrays are copied. */
export interface PredictionToLog {
  readonly t: number
  readonly servedAt: number
  readonly mode: string
  readonly row: string
  readonly vector: VectorBuffer
  readonly score: number
  /** Of a model of several classes one for each. */
  readonly probabilities?: Float64Array | undefined
  readonly decision: string | undefined
  /** What decided, where it was not the score alone. */
  readonly decidedBy?: string | undefined
  readonly latency: number
}

/** Collects predictions of one version into blocks for the log. */
export interface PredictionLogger {
  /** Predictions that were not handed to the log yet. */
  readonly pending: number
  /** When the oldest prediction was answered that is not on disk, microseconds; undefined when all are. */
  readonly oldest: number | undefined
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
  /** As the version's own definitions say unless given. */
  readonly recording?: Recording | undefined
  readonly log: EventLog
  /** Nothing is shed: whoever asks waits for the log. */
  readonly sync: boolean
  /** Told of predictions that were answered and will never be in the log. */
  readonly onShed: (count: number) => void
  /** Told of predictions that were handed to the log. */
  readonly onAppended: (count: number) => void
  /** Told of predictions that are not of the sample, which is no loss. */
  readonly onUnsampled: (count: number) => void
}

/** Blocks on their way to the disk: with the one that is being filled they are all the memory that a logger takes. */
const MOST_UNDER_WAY = 8
/** With so many on their way the writer has enough to do: the next one is filled before it follows, so that eight are eight full ones. */
const ENOUGH_UNDER_WAY = 2
/** Hashes of texts lie below this. */
const CODES = 2 ** 53

/**
 * A logger of a version's predictions. It never waits, and fails nobody who does not wait for the disk: while the log has
 * no room, and once it has failed, predictions are shed and counted, so that no disk can stop serving.
 */
export function createPredictionLogger(options: PredictionLoggerOptions): PredictionLogger {
  const { served, log, sync, onShed, onAppended, onUnsampled } = options
  const { recording = recordingOf(served.project, served.model.name) } = options
  const layout = predictionLayoutOf(served, recording)
  const { sample = 1 } = recording.log
  const mostCode = sample * CODES
  const generations = new Uint32Array(layout.groups.length)
  let block: PredictionBlock = log.createPredictionBlock(layout)
  /** Its number is in the ids of what is not logged. */
  const unlogged = { number: log.createPredictionBlock(layout).number, count: 0 }
  /** When the first prediction of each block on its way to the disk was answered, and of the one being filled. */
  const underWay: number[] = []
  let since: number | undefined
  let hasRoom = true
  let isLost = false
  let ticket: number | undefined

  function hand(always: boolean): void {
    if (block.length === 0 || isLost) return
    if (log.failure !== undefined && !sync) lose()
    else if (always || (hasRoom && underWay.length < (block.full ? MOST_UNDER_WAY : ENOUGH_UNDER_WAY))) append()
    else if (block.full) shed()
  }

  function append(): void {
    const filled = block
    const { length } = filled
    try {
      block = log.createPredictionBlock(layout)
      ticket = log.appendPredictions(filled)
    } catch (thrown) {
      // A log that has failed takes nothing any more; one that refused this block takes the next.
      isLost = log.failure !== undefined || block === filled
      since = undefined
      onShed(length)
      if (sync) throw thrown
      return
    }
    onAppended(length)
    underWay.push(since!)
    since = undefined
    const settled = (): void => void underWay.shift()
    log.durable(ticket).then(settled, () => {
      settled()
      onShed(length)
    })
    hasRoom = false
    const open = (): void => {
      hasRoom = true
    }
    log.room().then(open, open)
  }

  function shed(): void {
    onShed(block.length)
    since = undefined
    block = log.createPredictionBlock(layout)
  }

  /** The log has failed and takes nothing any more, so neither what is being filled. */
  function lose(): void {
    isLost = true
    since = undefined
    if (block.length > 0) onShed(block.length)
  }

  function isSampled({ t, row, vector }: PredictionToLog): boolean {
    // A raw vector comes without a row.
    return sample >= 1 || textCode(`${t} ${row === '{}' ? vector.values.join() : row}`) < mostCode
  }

  function withoutLog(): string {
    unlogged.count += 1
    return unloggedId(unlogged.number, unlogged.count)
  }

  return {
    get pending() {
      return isLost ? 0 : block.length
    },
    get oldest() {
      return underWay[0] ?? since
    },
    add(asked) {
      if (!isSampled(asked)) {
        onUnsampled(1)
        return withoutLog()
      }
      if (!sync && log.failure !== undefined) {
        if (!isLost) lose()
        onShed(1)
        return withoutLog()
      }
      generations.fill(log.generation)
      const { t, servedAt, mode, row, vector, score, probabilities, decision, decidedBy, latency } = asked
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
        probabilities,
        decision,
        decidedBy,
        latency: Math.min(Math.round(latency), 0xffffffff),
      }
      const id = block.add(prediction)
      since ??= servedAt
      if (block.full) hand(sync)
      return id
    },
    flush(always = sync) {
      hand(always)
      return ticket
    },
  }
}
