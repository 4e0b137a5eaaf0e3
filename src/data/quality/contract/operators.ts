import type { CheckBounds, Tolerance } from '../../../language/define/check-definition.ts'

/** The operators of the standard with what they compare with; times, texts and other members are left out. */
export interface Operators {
  readonly mustBe?: number
  readonly mustNotBe?: number
  readonly mustBeGreaterThan?: number
  readonly mustBeGreaterOrEqualTo?: number
  readonly mustBeLessThan?: number
  readonly mustBeLessOrEqualTo?: number
  /** Both excluded: "the equivalent to mustBeGreaterThan and mustBeLessThan". */
  readonly mustBeBetween?: readonly [number, number]
  readonly mustNotBeBetween?: readonly [number, number]
}

export const operatorNames = [
  'mustBe',
  'mustNotBe',
  'mustBeGreaterThan',
  'mustBeGreaterOrEqualTo',
  'mustBeLessThan',
  'mustBeLessOrEqualTo',
  'mustBeBetween',
  'mustNotBeBetween',
] as const

/**
 * Bounds of a whole number, both included, that the operators mean together; undefined where they mean no one range.
 * @example countBounds({ mustBeBetween: [100, 120] }) // { min: 101, max: 119 }
 */
export function countBounds(operators: Operators): CheckBounds | undefined {
  if (operators.mustNotBe !== undefined || operators.mustNotBeBetween !== undefined) return undefined
  const { mustBe, mustBeBetween } = operators
  const above = [operators.mustBeGreaterThan, mustBeBetween?.[0]].flatMap((value) => value ?? [])
  const below = [operators.mustBeLessThan, mustBeBetween?.[1]].flatMap((value) => value ?? [])
  const least = [operators.mustBeGreaterOrEqualTo, mustBe].flatMap((value) => value ?? [])
  const most = [operators.mustBeLessOrEqualTo, mustBe].flatMap((value) => value ?? [])
  const min = Math.max(...above.map((value) => Math.floor(value) + 1), ...least.map(Math.ceil))
  const max = Math.min(...below.map((value) => Math.ceil(value) - 1), ...most.map(Math.floor))
  if (min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY) return undefined
  return { ...(min === Number.NEGATIVE_INFINITY ? {} : { min }), ...(max === Number.POSITIVE_INFINITY ? {} : { max }) }
}

/**
 * How many rows may breach, where the operators compare the number or percentage of those that do; `none` where none may,
 * undefined where they demand that some do.
 */
export function toleranceOf(operators: Operators, unit: 'rows' | 'percent'): Tolerance | 'none' | undefined {
  if (unit === 'rows') {
    const bounds = countBounds(operators)
    if (bounds?.max === undefined || bounds.max < 0 || (bounds.min ?? 0) > 0) return undefined
    return bounds.max === 0 ? 'none' : { rows: bounds.max }
  }
  const { mustBe, mustBeLessThan, mustBeLessOrEqualTo, mustBeBetween, mustBeGreaterThan, mustBeGreaterOrEqualTo } =
    operators
  if (operators.mustNotBe !== undefined || operators.mustNotBeBetween !== undefined) return undefined
  if (mustBe !== undefined) return mustBe === 0 ? 'none' : undefined
  if ((mustBeGreaterThan ?? -1) >= 0 || (mustBeGreaterOrEqualTo ?? 0) > 0 || (mustBeBetween?.[0] ?? -1) >= 0)
    return undefined
  const below = mustBeLessThan ?? mustBeBetween?.[1]
  if (below !== undefined) return { share: below / 100, below: true }
  if (mustBeLessOrEqualTo === undefined) return undefined
  return mustBeLessOrEqualTo === 0 ? 'none' : { share: mustBeLessOrEqualTo / 100 }
}

/** The one operator that says bounds of a whole number, both included: the schema of the standard takes no second one. */
export function countOperator({ min, max }: CheckBounds): Operators {
  if (min === undefined) return max === undefined ? {} : { mustBeLessOrEqualTo: max }
  if (max === undefined) return { mustBeGreaterOrEqualTo: min }
  const [least, most] = [Math.ceil(min), Math.floor(max)]
  return least === most ? { mustBe: least } : { mustBeBetween: [least - 1, most + 1] }
}

/** The operators that say how many rows may breach. */
export function operatorsOf(allowed: Tolerance | undefined): Record<string, number | string> {
  if (allowed === undefined) return { mustBe: 0 }
  if ('rows' in allowed) return { mustBeLessOrEqualTo: allowed.rows, unit: 'rows' }
  const percent = Number((allowed.share * 100).toPrecision(12))
  return { [allowed.below ? 'mustBeLessThan' : 'mustBeLessOrEqualTo']: percent, unit: 'percent' }
}
