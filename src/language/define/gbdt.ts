import { byName } from './by-name.ts'
import type { GbdtDefinition } from './trainer-definition.ts'

/** One parameter of a trainer: its default, if it has one, and its range, both ends included. */
export interface Parameter {
  readonly default?: number
  readonly min: number
  readonly max: number
  readonly whole: boolean
}

/** The parameters of the built-in gradient-boosted trees. */
export const gbdtParameters = {
  /** Most trees; early stopping may keep fewer. */
  trees: { default: 200, min: 1, max: 10_000, whole: true },
  depth: { default: 6, min: 1, max: 12, whole: true },
  learningRate: { default: 0.15, min: 1e-4, max: 1, whole: false },
  /** Smallest sum of second derivatives of a leaf. */
  minChildWeight: { default: 1, min: 0, max: 1e9, whole: false },
  /** Penalty on the square of a leaf's value. */
  lambda: { default: 1, min: 0, max: 1e9, whole: false },
  /** Most bins of a feature's histogram. */
  maxBins: { default: 255, min: 2, max: 255, whole: true },
  /** Part of the rows that each tree sees. */
  subsample: { default: 1, min: 0.01, max: 1, whole: false },
  /** Part of the features that each tree sees. */
  columnsample: { default: 1, min: 0.01, max: 1, whole: false },
  /** Stop after this many trees without a better metric on the validation rows; 0 never stops. */
  earlyStopping: { default: 20, min: 0, max: 10_000, whole: true },
  seed: { default: 1, min: 0, max: 2 ** 32 - 1, whole: true },
} as const satisfies Record<string, Parameter>

/** The parameters of splits on categories (see `encode.category`): what is not given is left out. */
export const categoryParameters = {
  /** Fewest rows of a category that a set may hold, and by how much its mean is drawn towards 0 when categories are ordered. */
  categorySmoothing: { default: 10, min: 0, max: 1e9, whole: false },
  /** Penalty on the square of a leaf's value below such a split, beside `lambda`. */
  categoryLambda: { default: 0, min: 0, max: 1e9, whole: false },
  /** Most categories of a set. */
  categoryMost: { default: 64, min: 1, max: 255, whole: true },
  /** Fewest rows by which a set grows from one that is tried to the next. */
  categoryRows: { default: 1, min: 1, max: 1e9, whole: true },
  /** How many times as much as sets gain by chance is taken off what they gain; 0 takes nothing. */
  categoryChance: { default: 1, min: 0, max: 1000, whole: false },
} as const satisfies Record<string, Parameter>

export type CategoryParameters = { readonly [Name in keyof typeof categoryParameters]: number }

export const categoryDefaults: CategoryParameters = Object.fromEntries(
  Object.entries(categoryParameters).map(([name, parameter]) => [name, parameter.default]),
) as unknown as CategoryParameters

export type GbdtParameters = { readonly [Name in keyof typeof gbdtParameters]: number } & Partial<CategoryParameters>

/**
 * Gradient-boosted decision trees; what is not given takes its default.
 * @example gbdt({ trees: 200, depth: 6, seed: 7 })
 */
export function gbdt(parameters: Partial<GbdtParameters> = {}): GbdtDefinition {
  const defaults = Object.entries(gbdtParameters).map(([name, parameter]) => [name, parameter.default])
  return { kind: 'gbdt', parameters: byName({ ...Object.fromEntries(defaults), ...parameters }) }
}
