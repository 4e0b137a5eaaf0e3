/**
 * What makes probabilities that can be believed of a model's scores, fitted on the validation rows: `platt` stretches the log-odds of
 * a score and needs few rows; `isotonic` takes any shape that rises, and some thousand rows. Of several classes each is calibrated
 * against the rest, and the probabilities are divided by their sum; or `temperature` stretches the logarithms of all by one number,
 * which needs the fewest rows and leaves the likeliest class as it is.
 */
export type CalibrationMethod = 'platt' | 'isotonic' | 'temperature'

/** All of them, for checks. */
export const calibrationMethods: readonly CalibrationMethod[] = ['platt', 'isotonic', 'temperature']
