import { checkClasses, likeliestClasses } from './class-probabilities.ts'
import type { Numbers } from './numbers.ts'
import type { ResampledMetric } from './resampled-metric.ts'

/**
 * The mean over classes of F1, the harmonic mean of precision and recall, where the likeliest class of a row is what is predicted, to be
 * evaluated on many resamples. Each class counts the same, however rare; one that no row has and none is predicted to have is left out
 * of the mean, as in scikit-learn's `f1_score` with `average='macro'`. Undefined without rows.
 * @param probabilities row by row, of each class one
 * @throws as `checkClasses` does
 */
export function resampledMacroF1(labels: Numbers, probabilities: Numbers): ResampledMetric {
  const classes = checkClasses(labels, probabilities)
  const likeliest = likeliestClasses(probabilities, classes)
  const known = Uint32Array.from(labels)
  return (weights) => {
    const right = new Float64Array(classes)
    const either = new Float64Array(classes)
    for (let row = 0; row < known.length; row++) {
      const weight = weights === undefined ? 1 : weights[row]!
      const label = known[row]!
      const predicted = likeliest[row]!
      if (label === predicted) right[label]! += weight
      either[label]! += weight
      either[predicted]! += weight
    }
    let sum = 0
    let counted = 0
    for (let place = 0; place < classes; place++) {
      if (either[place] === 0) continue
      sum += (2 * right[place]!) / either[place]!
      counted += 1
    }
    return counted === 0 ? undefined : sum / counted
  }
}
