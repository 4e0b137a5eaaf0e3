import type { ModelDefinition } from '../../language/define/definitions.ts'
import type { TrainingJob } from './training-job.ts'

/** What of a model's definition is for people, for serving, or for judging what was learnt. */
type Aside =
  | ('owner' | 'description' | 'predicts' | 'card' | 'monitor' | 'retrain' | 'quality' | 'training')
  | ('gate' | 'serve' | 'calibration' | 'approvals' | 'protectedAliases' | 'signedBy')

/** All that a model is learnt by: a member that is new counts until it is said here that it does not. */
export function learntOf({ project, model }: TrainingJob): Omit<ModelDefinition, Aside> {
  const { owner, description, predicts, card, monitor, retrain, quality, training, ...meaning } = project.models[model]!
  const { gate, serve, calibration, approvals, protectedAliases, signedBy, ...learnt } = meaning
  return learnt
}
