import { TruelineError } from '../../core/errors.ts'

/**
 * P-values adjusted for having tested several things at once (Holm 1979), in the order given: calling those at or below
 * alpha a finding keeps the chance of any false one at alpha or less, however they depend on each other. Never less
 * powerful than Bonferroni's.
 *
 * @example `holm([0.01, 0.04, 0.03]) // [0.03, 0.06, 0.06]`
 * @throws `invalid_parameter` for a value outside 0 to 1.
 */
export function holm(pValues: readonly number[]): number[] {
  const wrong = pValues.find((pValue) => !(pValue >= 0 && pValue <= 1))
  if (wrong !== undefined) throw new TruelineError('invalid_parameter', `${wrong} is not a p-value.`)
  const ascending = pValues.map((_, index) => index).sort((left, right) => pValues[left]! - pValues[right]!)
  const adjusted = new Array<number>(pValues.length).fill(1)
  let largest = 0
  ascending.forEach((index, position) => {
    largest = Math.max(largest, Math.min(1, pValues[index]! * (pValues.length - position)))
    adjusted[index] = largest
  })
  return adjusted
}
