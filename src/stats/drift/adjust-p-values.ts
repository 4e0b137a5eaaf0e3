import { TruelineError } from '../../core/errors.ts'

/**
 * P-values adjusted for having tested many things at once (Benjamini and Hochberg 1995), in the order given: calling
 * those at or below alpha a finding keeps the share of false ones among the findings at alpha or less.
 *
 * @throws `invalid_parameter` for a value outside 0 to 1.
 */
export function adjustPValues(pValues: readonly number[]): number[] {
  const wrong = pValues.find((pValue) => !(pValue >= 0 && pValue <= 1))
  if (wrong !== undefined) throw new TruelineError('invalid_parameter', `${wrong} is not a p-value.`)
  const descending = pValues.map((_, index) => index).sort((left, right) => pValues[right]! - pValues[left]!)
  const adjusted = new Array<number>(pValues.length).fill(1)
  let smallest = 1
  descending.forEach((index, position) => {
    smallest = Math.min(smallest, (pValues[index]! * pValues.length) / (pValues.length - position))
    adjusted[index] = smallest
  })
  return adjusted
}
