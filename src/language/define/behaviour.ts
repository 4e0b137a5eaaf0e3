import type {
  DirectionDefinition,
  EdgeCasesDefinition,
  InvarianceDefinition,
  MonotoneDefinition,
} from './behaviour-definition.ts'
import { byName } from './by-name.ts'
import { checkOptions } from './check-options.ts'

/**
 * One extreme, unseen or missing value of an input moves a score by at most `change`, in the unit of the score. That
 * scores stay finite and in range is tested of every candidate, without being asked for.
 * @example edgeCases({ change: 0.5 })
 */
export function edgeCases(options: { readonly change: number }): EdgeCasesDefinition {
  checkOptions('edgeCases', options, { change: true })
  return { kind: 'edge_cases', change: options.change }
}

/**
 * Scores do not depend on an input: with the values that other rows have there, a score moves by at most `tolerance`, 0
 * unless given.
 * @param input name of an input of the model, or of a group of features for all of them at once
 * @example invariantTo('timing.weekday', { tolerance: 0.01 })
 */
export function invariantTo(input: string, options: { readonly tolerance?: number } = {}): InvarianceDefinition {
  checkOptions(`invariantTo '${input}'`, options, { tolerance: true })
  return { kind: 'invariant', input, tolerance: options.tolerance ?? 0 }
}

/**
 * Scores never fall (`up`) or never rise (`down`) as an input grows and all else stays, but for `tolerance`, 0 unless
 * given: trees that are not constrained seldom keep to 0. Of several classes it is the probability of the one named.
 * @example monotone({ distance_mi: 'up' }, { tolerance: 0.02 })
 * @example monotone({ weight_kg: 'up' }, { class: 'late' })
 */
export function monotone(
  inputs: Readonly<Record<string, 'up' | 'down'>>,
  options: { readonly tolerance?: number; readonly class?: string } = {},
): MonotoneDefinition {
  checkOptions('monotone', options, { tolerance: true, class: true })
  return { kind: 'monotone', inputs: byName(inputs), tolerance: options.tolerance ?? 0, ...classOf(options) }
}

/**
 * With `by` added to an input, scores move as expected or stay, on at least the `share` of rows; on all unless given. Of several
 * classes it is the probability of the one named.
 * @example directional('origin_delays.mean_delay_1h', { by: 30, expect: 'up', share: 0.9 })
 */
export function directional(
  input: string,
  options: {
    readonly by: number
    readonly expect: 'up' | 'down'
    readonly share?: number
    readonly class?: string
  },
): DirectionDefinition {
  checkOptions(`directional '${input}'`, options, { by: true, expect: true, share: true, class: true })
  const { by, expect, share = 1 } = options
  return { kind: 'directional', input, by, expect, share, ...classOf(options) }
}

function classOf({ class: name }: { readonly class?: string }): { readonly class?: string } {
  return name === undefined ? {} : { class: name }
}
