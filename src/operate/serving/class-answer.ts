import { likeliest } from '../../core/math/likeliest.ts'

/** What a model of several classes says of a row. */
export interface ClassAnswer {
  /** The likeliest class; of equally likely ones the first of the contract. */
  readonly class: string
  /** The probability of each class by its name. */
  readonly probabilities: Readonly<Record<string, number>>
}

/** Probabilities with the names of their classes; nothing for a model that has none. */
export function classAnswer(
  classes: readonly string[] | undefined,
  probabilities: Float64Array | undefined,
): ClassAnswer | Record<never, never> {
  if (classes === undefined || probabilities === undefined) return {}
  return {
    class: classes[likeliest(probabilities, 0, classes.length)]!,
    probabilities: Object.fromEntries(classes.map((name, index) => [name, probabilities[index]!])),
  }
}
