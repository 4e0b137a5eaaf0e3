import { byName } from './by-name.ts'
import { checkOptions } from './check-options.ts'
import type { GridSearch, HalvingSearch, RandomSearch, SearchRange } from './search-definition.ts'

/** Values of which one is drawn, or ends of a range, both included. */
type RangeOptions =
  | readonly number[]
  | {
      readonly from: number
      readonly to: number
      /** `log` draws evenly in the logarithm, for what works by orders of magnitude; linear unless given. */
      readonly scale?: 'linear' | 'log'
      /** Whole numbers alone; false unless given. */
      readonly whole?: boolean
    }

interface DrawnOptions {
  readonly trials: number
  readonly space: Readonly<Record<string, RangeOptions>>
  /** Of what is drawn; 1 unless given. */
  readonly seed?: number
}

/**
 * Tries every combination of values of the trainer's parameters.
 * @example grid({ depth: [4, 6, 8], learningRate: [0.05, 0.15] })
 */
export function grid(
  space: Readonly<Record<string, readonly number[]>>,
  options: { readonly patience?: number } = {},
): GridSearch {
  checkOptions('grid', options, { patience: true })
  return { kind: 'grid', space: byName(space), ...options }
}

/**
 * Tries combinations that are drawn (Bergstra and Bengio, "Random Search for Hyper-Parameter Optimization", 2012).
 * @example randomSearch({ trials: 30, space: { depth: [4, 6, 8], learningRate: { from: 0.02, to: 0.3, scale: 'log' } } })
 */
export function randomSearch(options: DrawnOptions & { readonly patience?: number }): RandomSearch {
  checkOptions('randomSearch', options, { trials: true, space: true, seed: true, patience: true })
  const { trials, space, seed = 1, patience } = options
  return {
    ...({ kind: 'random', trials, space: rangesOf('randomSearch', space), seed } as const),
    ...(patience === undefined ? {} : { patience }),
  }
}

/**
 * Tries many combinations on few rows, and fewer and fewer of them on more (Jamieson and Talwalkar, "Non-stochastic Best Arm
 * Identification and Hyperparameter Optimization", 2016).
 * @example halving({ trials: 27, space: { depth: { from: 3, to: 10, whole: true }, lambda: { from: 0.1, to: 100, scale: 'log' } } })
 */
export function halving(options: DrawnOptions & { readonly factor?: number }): HalvingSearch {
  checkOptions('halving', options, { trials: true, space: true, seed: true, factor: true })
  const { trials, space, seed = 1, factor = 3 } = options
  return { kind: 'halving', trials, space: rangesOf('halving', space), factor, seed }
}

function rangesOf(place: string, space: Readonly<Record<string, RangeOptions>>): Readonly<Record<string, SearchRange>> {
  const ranges = Object.entries(space).map(([name, range]): readonly [string, SearchRange] => {
    if (isList(range)) return [name, range]
    checkOptions(`${place}, space.${name}`, range, { from: true, to: true, scale: true, whole: true })
    const { from, to, scale = 'linear', whole = false } = range
    return [name, { from, to, scale, whole }]
  })
  return byName(Object.fromEntries(ranges))
}

function isList(range: RangeOptions): range is readonly number[] {
  return Array.isArray(range)
}
