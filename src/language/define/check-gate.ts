import type { Schema } from '../../core/data-type.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { typeOfColumn } from '../expr/type-of.ts'
import type { BehaviourDefinition } from './behaviour-definition.ts'
import { inputsMeant } from './decision-reads.ts'
import type { ModelDefinition } from './definitions.ts'
import { leakCodes } from './leak-definition.ts'
import type { Mistakes } from './mistakes.ts'

/**
 * Checks what a model's gate asks, beside its metric, and by what its rows are searched for leaks.
 * @param schema of the stream that the model asks at
 * @param inputs names of what the model takes
 */
export function checkGate(
  { gate, task, serve, quality }: ModelDefinition,
  schema: Schema,
  inputs: readonly string[],
  mistakes: Mistakes,
): void {
  const require = (holds: boolean, place: string, message: string): void => {
    if (!holds) mistakes.add('definition_invalid', place, message)
  }
  for (const segment of gate.segments) mistakes.attempt('gate.segments', () => typeOfColumn(segment, schema))
  const { clusters, decisions, segmentMargin, segmentRows } = gate
  if (clusters !== undefined) mistakes.attempt('gate.clusters', () => typeOfColumn(clusters, schema))
  require(segmentMargin === undefined || segmentMargin >= 0, 'gate.segmentMargin', 'It cannot be below 0.')
  const isCount = segmentRows === undefined || (Number.isInteger(segmentRows) && segmentRows >= 1)
  require(isCount, 'gate.segmentRows', 'It is a whole number of rows, 1 or more.')
  if (decisions !== undefined) {
    require(decisions.margin >= 0, 'gate.decisions.margin', 'It cannot be below 0.')
    require(task !== 'regression', 'gate.decisions', 'Only decisions about something that comes true or not are right.')
    require(serve.decision?.kind !==
      'class_costs', 'gate.decisions', 'What costs least by classes is none of them, and so neither right nor wrong.')
    require(serve.decision?.kind !==
      'class_thresholds', 'gate.decisions', 'What thresholds of classes lead to need be none of them, and so neither right nor wrong.')
    // Of several classes the likeliest one is the decision.
    require(task === 'multiclass' ||
      serve.decision !== undefined, 'gate.decisions', 'The model makes no decisions: serve.decision is not there.')
  }
  for (const behaviour of gate.behaviour ?? []) checkBehaviour(behaviour, inputs, mistakes, require)
  const { allow = [], warnAt = 0.95, failAt = 0.99, duplicates = 0 } = quality?.leaks ?? {}
  for (const name of allow)
    mistakes.known('unknown_feature', 'quality.leaks.allow', 'input', name, [...inputs, ...leakCodes])
  require(warnAt > 0 &&
    warnAt <= failAt &&
    failAt <= 1, 'quality.leaks', 'warnAt and failAt lie in this order above 0, up to 1.')
  require(duplicates >= 0 && duplicates <= 1, 'quality.leaks.duplicates', 'It is a share: 0 to 1.')
}

function checkBehaviour(
  behaviour: BehaviourDefinition,
  inputs: readonly string[],
  mistakes: Mistakes,
  require: (holds: boolean, place: string, message: string) => void,
): void {
  const place = `gate.behaviour ${behaviour.kind}`
  const known = (name: string): void => {
    if (inputsMeant(name, inputs).length > 0) return
    const near = nearestName(name, inputs)
    const remedy = near === undefined ? undefined : `Did you mean '${near}'?`
    mistakes.add('unknown_feature', place, `The model takes nothing that is called '${name}'.`, remedy)
  }
  const single = (name: string): void => {
    known(name)
    if (inputsMeant(name, inputs).length > 0)
      require(inputs.includes(name), place, `'${name}' is a group: name one of its features.`)
  }
  switch (behaviour.kind) {
    case 'edge_cases':
      require(behaviour.change >= 0, place, 'The change cannot be below 0.')
      return
    case 'invariant':
      require(behaviour.tolerance >= 0, place, 'The tolerance cannot be below 0.')
      known(behaviour.input)
      return
    case 'monotone':
      require(behaviour.tolerance >= 0, place, 'The tolerance cannot be below 0.')
      require(Object.keys(behaviour.inputs).length > 0, place, 'It names no input.')
      for (const [name, direction] of Object.entries(behaviour.inputs)) {
        require(direction === 'up' || direction === 'down', place, `'${name}' goes 'up' or 'down'.`)
        single(name)
      }
      return
    case 'directional':
      require(Number.isFinite(behaviour.by) && behaviour.by !== 0, place, 'What is added is a number other than 0.')
      require(behaviour.expect === 'up' || behaviour.expect === 'down', place, "Expected is 'up' or 'down'.")
      require(behaviour.share > 0 && behaviour.share <= 1, place, 'The share of rows lies above 0, and is 1 at most.')
      single(behaviour.input)
      return
    default:
      behaviour satisfies never
      require(false, 'gate.behaviour', 'It is none of edgeCases, invariantTo, monotone and directional.')
  }
}
