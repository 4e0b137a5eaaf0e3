/** What learns a model, by its kind: each kind says what more it is told. */
export type TrainerDefinition = GbdtDefinition

/** Gradient-boosted decision trees; see `gbdtParameters`. */
export interface GbdtDefinition {
  readonly kind: 'gbdt'
  readonly parameters: Readonly<Record<string, number>>
}

/** The seed of all that a training draws: the trainer's own, or 0 of one that draws nothing. */
export function seedOf({ parameters }: TrainerDefinition): number {
  return parameters['seed'] ?? 0
}
