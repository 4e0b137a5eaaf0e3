/** Kinds of leaks that are searched for. */
export const leakCodes = [
  'knows_too_much',
  'made_of_label',
  'known_after',
  'outcome_at_once',
  'filled_later',
  'window_crosses_t',
  'future_timestamp',
  'repeated_rows',
  'identifies_rows',
  'untimely_encoding',
  'static_table',
] as const

export type LeakCode = (typeof leakCodes)[number]

/** By what the rows of a model are searched for leaks; what is left out takes its default. */
export interface LeakRules {
  /** Inputs that may know as much as they do, by name; and kinds of findings that do not count, such as `known_after`. */
  readonly allow?: readonly string[]
  /** From which AUC on (R squared of a number) one input alone is told of: .95 unless given. */
  readonly warnAt?: number
  /** From which on it knows too much for the training to go on: .99 unless given. */
  readonly failAt?: number
  /** Largest share of test rows that may be in the training rows, too: .01 unless given. */
  readonly duplicates?: number
}
