import type { PredictionFilter } from '../log/event-log.ts'
import type { DecodedPredictions, Prediction, PredictionPosition } from '../log/prediction-block.ts'
import type { RemovalReason, RemovedRows } from '../log/prediction-file.ts'
import type { EvenSample } from './even-sample.ts'
import type { RowValue } from './row-value.ts'

/** All predictions that were logged and are kept, wherever they are: in the log's own table, or in files of the lake. */
export interface Predictions {
  /** Name of the secret that opens what is sealed. */
  readonly secret: string
  /**
   * One durable prediction.
   * @throws TruelineError `unknown_prediction`, `prediction_removed`, `prediction_not_logged`
   */
  read(id: string, options?: OpenOption): Promise<Prediction>
  /**
   * Durable predictions with a row in the range, a part at a time, each of one layout: those of the lake, and then those
   * of the log. There may be rows outside of the range, so test each.
   */
  scan(filter?: PredictionFilter & OpenColumnsOption): AsyncIterable<DecodedPredictions>
  /** Some of those of a range, in the order of a scan: none else is read where they lie in files. */
  sample(filter: PredictionFilter & OpenOption & ModesOption, sample: EvenSample): AsyncIterable<DecodedPredictions>
  /** How many there are of a range, by their mode. */
  count(filter: PredictionFilter): Promise<ReadonlyMap<string, number>>
  /**
   * Counts the answers of a version by the minute, where they are stored: it takes no time for each.
   * @param tell of some of them that have what they are told by in common; it is told of a minute more than once
   */
  answers(answers: AnswersMeant, tell: TellAnswers): Promise<void>
  /**
   * Those of a version above a position, in the order in which they became durable; those of the block that it is in may be
   * among them, so test each.
   */
  after(lane: Lane, position: PredictionPosition, range?: PredictionRange): AsyncIterable<DecodedPredictions>
  /**
   * The newest of those that are meant, the last one that became durable first: as many as a page has, so that it alone takes memory.
   */
  newest(page: NewestPage): Promise<NewestFound>
  /** Which versions have predictions at a sequence or above. */
  lanes(sequence: number): readonly Lane[]
  /** Moves what is in the log's own table into the lake, as far as it is durable, and tells how many rows it was. */
  move(): Promise<number>
  /** Removes files that are older than they are kept, or more than they may take; tells how many rows are gone. */
  retain(rules: RetentionRules): Promise<number>
  state(): PredictionState
  /** How many of a version are kept. */
  countOf(model: string, version: number): number
  /** How many predictions are gone that may have been in a range: those of the files that overlap it. */
  removedRows(filter: PredictionFilter): number
  /** Which versions files were removed of. */
  removedLanes(): readonly Lane[]
  /** What was removed of a version at a sequence or above, by whole files; undefined where nothing was. */
  removedAfter(lane: Lane, sequence: number): RemovedRows | undefined
  close(): Promise<void>
}

/** For who makes predictions again: rows with what is sealed in them, where they have it masked else. */
export interface OpenOption {
  readonly open?: boolean
}

/** The same, or for who looks at some columns alone: the others stay as they are, and so do rows that have none of these masked. */
export interface OpenColumnsOption {
  readonly open?: boolean | readonly string[]
}

/** For who leaves out predictions of some modes. */
export interface ModesOption {
  readonly without: readonly string[]
}

/** Which answers are counted. Times are microseconds. */
export interface AnswersMeant extends Lane, ModesOption {
  readonly from: number
  /** From here on with how long each took. */
  readonly latenciesFrom: number
  /** Sequence of the last that is meant. */
  readonly through: number
}

/**
 * @param minute its beginning
 * @param latency undefined where it is not asked for
 */
export type TellAnswers = (minute: number, count: number, latency: number | undefined) => void

/** A range of times, as filters have it. */
export type PredictionRange = Pick<PredictionFilter, 'by' | 'from' | 'to'>

/** A page of predictions backwards through the log. */
export interface NewestPage {
  /** Only what became durable before this one. */
  readonly before?: PredictionPosition
  readonly model?: string
  readonly version?: number
  readonly decision?: string
  readonly row?: RowValue
  /** Answered in [from, to), microseconds. */
  readonly from?: number
  readonly to?: number
  /** Most of them. */
  readonly limit: number
}

/** What a page found. */
export interface NewestFound {
  readonly found: readonly PlacedPrediction[]
  /** Where it ended before it was full, as so many rows had been looked at: it may be gone on with before this position. */
  readonly looked?: {
    readonly to: PredictionPosition
    /** When the first of what was looked at was answered, microseconds. */
    readonly since: number
  }
}

export interface PlacedPrediction {
  readonly prediction: Prediction
  readonly position: PredictionPosition
}

/** Predictions of one version whose files follow each other. */
export interface Lane {
  readonly model: string
  readonly version: number
}

/** What is kept. */
export interface RetentionRules {
  /** Of a model: whatever was answered before this time may go, and its files may take so many bytes. */
  readonly of: (model: string) => { readonly before?: number | undefined; readonly bytes?: number | undefined }
  /** What the files of all models may take together. */
  readonly bytes?: number | undefined
}

/** Where predictions are, and how much. */
export interface PredictionState {
  /** Place of the last one among those that became durable; -1 before the first. */
  readonly lastSequence: number
  /** In the log's own table. */
  readonly log: { readonly rows: number; readonly blocks: number; readonly bytes: number; readonly oldest?: number }
  readonly lake: { readonly rows: number; readonly files: number; readonly bytes: number }
  readonly removed: readonly { readonly model: string; readonly reason: RemovalReason; readonly rows: number }[]
}
