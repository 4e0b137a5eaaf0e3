/** How predictions of a model are logged. */
export interface PredictionLogDefinition {
  /** One commit an answer; else an answer precedes the disk by at most 50 ms. */
  readonly sync: boolean
  /** How long they are kept, in microseconds; for ever unless given. */
  readonly retain?: number
  /** Most bytes that they may take in the lake, beyond which the oldest go. */
  readonly disk?: number
  /** Share of the predictions that is logged, above 0 and up to 1; all of them unless given. */
  readonly sample?: number
  /** Columns of the row whose values are replaced by a keyed hash, besides those that are sealed because they are sensitive. */
  readonly mask?: readonly string[]
}

/** What holds of the predictions of all models, and who is told of them. */
export interface PredictionsDefinition {
  readonly kind: 'predictions'
  /** For models that do not say it themselves; microseconds. */
  readonly retain?: number
  /** Most bytes that those of all models may take in the lake, beyond which the oldest go. */
  readonly disk?: number
  /** Address that logged predictions are posted to, as batches of CloudEvents. */
  readonly sink?: string
  /** What an event carries besides what the model answered: its features. */
  readonly features?: boolean
}

/** How predictions are logged where a model says it with a word, or with options. */
export function predictionLogOf(log: 'group' | 'sync' | PredictionLogDefinition): PredictionLogDefinition {
  return typeof log === 'string' ? { sync: log === 'sync' } : log
}
