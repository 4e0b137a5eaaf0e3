import type { ExpectationDefinition } from './definitions.ts'

/** What must hold of the values of a feature. */
export interface Expectation<Name extends string> extends ExpectationDefinition {
  readonly feature: Name
}

/**
 * The part of the values that are null.
 * @example nullRate('mean_delay_1h').atMost(0.2)
 */
export function nullRate<const Name extends string>(feature: Name): { atMost(rate: number): Expectation<Name> } {
  return { atMost: (rate) => ({ check: 'nullRate', feature, max: rate }) }
}

/** All values that are not null lie between two numbers, both included. */
export function between<const Name extends string>(feature: Name, min: number, max: number): Expectation<Name> {
  return { check: 'between', feature, min, max }
}
