/** Below it, the double nearest to a decimal tells its units. */
const LARGEST_AS_NUMBER = 2 ** 50

/**
 * A decimal as rows are given it, of which a row reader makes the same units again: a number, or a text where decimals lie
 * closer together than doubles do.
 * @param units whole units of the scale, at most 2^53 - 1 in size
 * @param scale digits after the point
 */
export function givenDecimal(units: number, scale: number): number | string {
  if (Math.abs(units) <= LARGEST_AS_NUMBER) return units / 10 ** scale
  const digits = String(Math.abs(units)).padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${units < 0 ? '-' : ''}${digits.slice(0, point)}${scale === 0 ? '' : `.${digits.slice(point)}`}`
}
