import type { CommandDefinition } from './command-definition.ts'

/** What learns a model, by its kind: each kind says what more it is told. */
export type TrainerDefinition =
  | GbdtDefinition
  | LinearDefinition<'linear'>
  | LinearDefinition<'logistic'>
  | CommandDefinition

/** Gradient-boosted decision trees; see `gbdtParameters`. */
export interface GbdtDefinition {
  readonly kind: 'gbdt'
  readonly parameters: Readonly<Record<string, number>>
}

/** A line with an elastic net: of a number, or of the log-odds of a probability; see `linearParameters`. */
export interface LinearDefinition<Kind extends 'linear' | 'logistic' = 'linear' | 'logistic'> {
  readonly kind: Kind
  readonly parameters: Readonly<Record<string, number>>
}

/** The seed of all that a training draws: the trainer's own, or 0 of one that draws nothing. */
export function seedOf(trainer: TrainerDefinition): number {
  return trainer.kind === 'command' ? trainer.seed : (trainer.parameters['seed'] ?? 0)
}
