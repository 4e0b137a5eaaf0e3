import type { ModelDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'

/** Refuses what a model can say of one score and not of the probabilities of several classes. */
export function checkMulticlass({ task, gate }: ModelDefinition, mistakes: Mistakes): void {
  if (task !== 'multiclass') return
  for (const { kind } of gate.behaviour ?? [])
    if (kind === 'monotone' || kind === 'directional')
      mistakes.add(
        'definition_invalid',
        `gate.behaviour ${kind}`,
        'Which way a score goes can be said of one, not of several classes at once.',
        'Use edgeCases and invariantTo, which hold the probability of each class.',
      )
}
