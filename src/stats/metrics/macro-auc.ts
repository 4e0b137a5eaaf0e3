import { resampledAuc } from './auc.ts'
import { checkClasses, isOfClass, probabilitiesOf } from './class-probabilities.ts'
import type { Numbers } from './numbers.ts'
import type { ResampledMetric } from './resampled-metric.ts'

/**
 * The mean over classes of the AUC of each against all others, by its probability, to be evaluated on many resamples (Hand and Till 2001
 * call it one-versus-rest; scikit-learn `roc_auc_score` with `multi_class='ovr'` and `average='macro'`). Each class counts the same, however rare. Classes
 * that none or all of the rows have are left out of the mean, which is undefined without any.
 * @param probabilities row by row, of each class one
 * @throws as `checkClasses` does
 */
export function resampledMacroAuc(labels: Numbers, probabilities: Numbers): ResampledMetric {
  const classes = checkClasses(labels, probabilities)
  const ofClasses = Array.from({ length: classes }, (_, place) => isOfClass(labels, place)).flatMap((of, place) =>
    of.includes(1) ? [resampledAuc(of, probabilitiesOf(probabilities, classes, place))] : [],
  )
  return (weights) => {
    const values = ofClasses.flatMap((auc) => auc(weights) ?? [])
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
  }
}
