/**
 * The steps of a training in their order, each with the version of what it does: raised when the same inputs may give
 * another output for a reason that is not in the code of this package, such as what a key is made of.
 */
export const stepVersions = {
  /** The project's own tests. */
  tests: 1,
  /** Pins the state of the data: files by digest, the log's offset, the moment. */
  extract: 1,
  /** Holds each file of the data to its digest. */
  verify: 1,
  /** Replays the features of each row as of its t, and joins the outcomes. */
  features: 1,
  /** Divides the rows into parts, and says what they were made of. */
  dataset: 1,
  /** Judges the rows by the checks of the features and of the model. */
  validate: 1,
  /** Searches the rows for what a model could not know when it is asked. */
  leaks: 1,
  train: 1,
  /** Scores the test rows, calibrated as they will be served. */
  evaluate: 1,
  /** Scores the same rows by the baseline and by what serves. */
  compare: 1,
  gate: 1,
  register: 1,
} as const

export type StepName = keyof typeof stepVersions

export const stepNames = Object.keys(stepVersions) as readonly StepName[]
