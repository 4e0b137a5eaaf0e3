import type { BehaviourDefinition } from './behaviour-definition.ts'
import type { ModelDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'

/** Checks which class the tests of behaviour are about: of several it takes one to say which way a score goes, of one score none. */
export function checkBehaviourClasses({ gate, label: { classes } }: ModelDefinition, mistakes: Mistakes): void {
  for (const behaviour of gate.behaviour ?? []) {
    if (behaviour.kind !== 'monotone' && behaviour.kind !== 'directional') continue
    const place = `gate.behaviour ${behaviour.kind}.class`
    const { class: name } = behaviour
    if (classes === undefined) {
      if (name !== undefined)
        mistakes.add('definition_invalid', place, 'The model gives one score, and no probabilities of classes.', LEAVE)
    } else if (name === undefined)
      mistakes.add(
        'definition_invalid',
        place,
        'Which way a score goes can be said of one, not of several classes at once.',
        `Name the class whose probability is meant: ${exampleOf(behaviour, classes)}.`,
      )
    else mistakes.known('definition_invalid', place, 'class', name, classes)
  }
}

const LEAVE = 'Leave `class` out.'

function exampleOf({ kind }: BehaviourDefinition, classes: readonly string[]): string {
  return `${kind}(…, { class: '${classes[0]}' })`
}
