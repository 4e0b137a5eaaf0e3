import type { ModelDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'

/** Refuses what a model can say of one score and not of the probabilities of several classes. */
export function checkMulticlass({ task, features, gate }: ModelDefinition, mistakes: Mistakes): void {
  if (task !== 'multiclass') return
  const refuse = (place: string, message: string, remedy: string): void =>
    mistakes.add('definition_invalid', place, message, remedy)
  for (const input of features)
    if (input.kind === 'encoded' && input.encoding.kind === 'target')
      refuse(
        'features',
        'A target encoding is the mean of one outcome, not of several classes.',
        'Use encode.oneHot, or encode.category with gbdt().',
      )
  for (const { kind } of gate.behaviour ?? [])
    if (kind === 'monotone' || kind === 'directional')
      refuse(
        `gate.behaviour ${kind}`,
        'Which way a score goes can be said of one, not of several classes at once.',
        'Use edgeCases and invariantTo, which hold the probability of each class.',
      )
}
