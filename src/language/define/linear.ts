import { byName } from './by-name.ts'
import type { Parameter } from './gbdt.ts'
import type { LinearDefinition } from './trainer-definition.ts'

/** The parameters of linear and logistic models that have defaults. */
const defaulted = {
  /** Share of the penalty that is on absolute values (the lasso); the rest is on squares (the ridge). */
  l1Ratio: { default: 0.5, min: 0, max: 1, whole: false },
  /** How many strengths are tried where `lambda` is not given, each warm from the one before it. */
  lambdas: { default: 50, min: 1, max: 1000, whole: true },
  /** The smallest strength that is tried, as a share of the one that leaves no weight. */
  lambdaRatio: { default: 1e-4, min: 1e-12, max: 1, whole: false },
  /** Largest part of the gradient that the penalty does not explain, as a share of the labels' standard deviation. */
  tolerance: { default: 1e-7, min: 1e-12, max: 0.01, whole: false },
  /** Most Newton steps for a strength. */
  steps: { default: 200, min: 1, max: 100_000, whole: true },
} as const satisfies Record<string, Parameter & { readonly default: number }>

/** The parameters of linear and logistic models. */
export const linearParameters: Readonly<Record<string, Parameter>> = {
  ...defaulted,
  lambda: { min: 0, max: 1e9, whole: false },
}

export type LinearParameters = { readonly [Name in keyof typeof defaulted]: number } & {
  /**
   * Strength of the penalty on the mean loss of a row: glmnet's lambda, scikit-learn's alpha, and 1 / (C rows) of its
   * LogisticRegression. Not given, the one is taken that is best on the validation rows.
   */
  readonly lambda?: number
}

/**
 * A linear model of a number, by least squares with an elastic net. Inputs are standardised by the training rows, and what is
 * missing is taken as their mean; both are part of the model.
 * @example linear({ l1Ratio: 0.9 })
 */
export function linear(parameters: Partial<LinearParameters> = {}): LinearDefinition<'linear'> {
  return { kind: 'linear', parameters: withDefaults(parameters) }
}

/**
 * A logistic model of a probability, with an elastic net. Inputs are taken as by `linear`.
 * @example logistic({ lambda: 0.001, l1Ratio: 0 })
 */
export function logistic(parameters: Partial<LinearParameters> = {}): LinearDefinition<'logistic'> {
  return { kind: 'logistic', parameters: withDefaults(parameters) }
}

function withDefaults(parameters: Partial<LinearParameters>): Readonly<Record<string, number>> {
  const defaults = Object.entries(defaulted).map(([name, parameter]) => [name, parameter.default])
  return byName({ ...Object.fromEntries(defaults), ...parameters })
}
