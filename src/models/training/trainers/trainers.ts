import type { TrainerDefinition } from '../../../language/define/trainer-definition.ts'
import { commandTrainer } from './command-trainer.ts'
import { gbdtTrainer } from './gbdt-trainer.ts'
import { linearTrainer } from './linear-trainer.ts'
import type { Trainer } from './trainer.ts'

type Kind = TrainerDefinition['kind']

/** Every trainer, by the kind of its definition. */
const trainers: { readonly [Of in Kind]: Trainer<Extract<TrainerDefinition, { kind: Of }>> } = {
  command: commandTrainer,
  gbdt: gbdtTrainer,
  linear: linearTrainer,
  logistic: linearTrainer,
}

/** The trainer of a definition. */
export function trainerOf({ kind }: TrainerDefinition): Trainer {
  return trainers[kind]
}
