/**
 * What makes probabilities that can be believed of a binary model's scores, fitted on the validation rows: `platt`
 * stretches their log-odds and needs few rows; `isotonic` takes any shape that rises, and some thousand rows.
 */
export type CalibrationMethod = 'platt' | 'isotonic'

/** All of them, for checks. */
export const calibrationMethods: readonly CalibrationMethod[] = ['platt', 'isotonic']
