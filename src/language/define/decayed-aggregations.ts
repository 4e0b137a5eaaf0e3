import { TruelineError } from '../../core/errors.ts'
import { exp } from '../../core/math/exp.ts'
import { type Duration, parseDuration } from '../../core/time.ts'
import type { AggregateParameters } from '../aggregate/aggregate.ts'
import { type Aggregation, type NumberSource, pending, type SourceNeeds } from './aggregation.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'
import type { Numeric } from './requirement.ts'
import { expressionOf } from './terms.ts'
import { longest, type Window } from './window.ts'

interface Decay {
  /** The age at which a value counts half. */
  readonly halfLife: Duration
  /** Ages are counted in tiles of this length: the window's hop unless given. */
  readonly hop?: Duration
  /** Older values do not count: what the window reaches unless given. */
  readonly horizon?: Duration
}

const known: OptionsOf<Decay> = { halfLife: true, hop: true, horizon: true }

/**
 * The sum of the values, each counting less the older it is: by 2^(-age / halfLife), with the age in whole tiles.
 * @example decayedSum('amount', { halfLife: '6h' }).over('3d', { hop: '1h' })
 */
export function decayedSum<const X extends NumberSource>(
  source: X,
  decay: Decay,
): Aggregation<SourceNeeds<X, Numeric>> {
  checkOptions('decayedSum', decay, known)
  return pending({
    aggregate: 'decayedSum',
    argument: expressionOf(source),
    parametersOf: (window) => weightsOf(decay, window),
  })
}

/** The mean of the values, each counting less the older it is: see `decayedSum`. */
export function decayedMean<const X extends NumberSource>(
  source: X,
  decay: Decay,
): Aggregation<SourceNeeds<X, Numeric>> {
  checkOptions('decayedMean', decay, known)
  return pending({
    aggregate: 'decayedMean',
    argument: expressionOf(source),
    parametersOf: (window) => weightsOf(decay, window),
  })
}

/** The table of weights is part of the definition: nothing is left to the machine that computes with it. */
function weightsOf({ halfLife, hop, horizon }: Decay, window: Window): AggregateParameters {
  const step = hop === undefined ? hopOf(window) : parseDuration(hop, 'decayedMean, hop')
  const reach = horizon === undefined ? lengthOf(window) : parseDuration(horizon, 'decayedMean, horizon')
  const half = parseDuration(halfLife, 'decayedMean, halfLife')
  if (step === undefined || reach === undefined || step === 0 || half === 0) throw incomplete()
  const tiles = Math.min(Math.ceil(reach / step) + 1, MOST_WEIGHTS)
  return { hop: step, weights: Array.from({ length: tiles }, (_, age) => exp(-Math.LN2 * ((age * step) / half))) }
}

/** More than a decay may have: the check of the project says so. */
const MOST_WEIGHTS = 10_000

function hopOf(window: Window): number | undefined {
  return window.kind === 'hop' ? window.hop : undefined
}

function lengthOf(window: Window): number | undefined {
  if (window.kind === 'hop') return window.length
  const reach = longest([window])
  return reach === 'lifetime' ? undefined : reach - (window.delay ?? 0)
}

function incomplete(): TruelineError {
  return new TruelineError('definition_invalid', 'A decay needs a half-life, tiles and an end, each longer than 0.', {
    remedy:
      "Give the window a hop, .over('3d', { hop: '1h' }), or the decay its own: { halfLife: '6h', hop: '1h', horizon: '3d' }.",
  })
}
