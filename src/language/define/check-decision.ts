import { nearestName } from '../../core/nearest-name.ts'
import { typeOfExpression, type ValueType } from '../expr/type-of.ts'
import { checkAdverse } from './check-adverse.ts'
import { checkClassDecision } from './check-class-decision.ts'
import { bandsOf } from './decision-bands.ts'
import type {
  CostsDecision,
  DecisionDefinition,
  FallbackDefinition,
  MissingStatus,
  OverrideDefinition,
} from './decision-definition.ts'
import { inputNamed, inputsMeant, namedInputs } from './decision-reads.ts'
import type { ModelDefinition, PlainInput, ProjectDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'
import { definitionsOf, type NamedRead, typeOfRead } from './reads.ts'

/** Checks what a model does with its scores; the stream that it asks at is there. */
export function checkDecision(definition: ModelDefinition, project: ProjectDefinition, mistakes: Mistakes): void {
  const { decision, overrides = [], fallback, adverse } = definition.serve
  const decides = overrides.length > 0 || (typeof fallback !== 'string' && fallback?.missing !== undefined)
  const { classes } = definition.label
  if (decision !== undefined) checkScores(decision, definition, mistakes)
  else if (decides && classes === undefined)
    mistakes.add('definition_invalid', 'serve.decision', 'What decides in its place is there, and it is not.')
  // What the model takes is checked elsewhere; without it nothing can be said of who reads it.
  if (!definition.features.every((input) => isThere(input.kind === 'encoded' ? input.input : input, project))) return
  const inputs = namedInputs(definition, project)
  const names = inputs.map(({ name }) => name)
  checkOverrides(overrides, definition, inputs, project, mistakes)
  if (fallback !== undefined && typeof fallback !== 'string') checkMissing(fallback.missing, names, mistakes)
  if (adverse === undefined) return
  if (decision?.kind !== 'class_costs' && decision?.kind !== 'class_thresholds')
    checkAdverse(adverse, decision, names, mistakes, classes)
  else
    mistakes.add(
      'definition_invalid',
      'serve.adverse',
      decision.kind === 'class_costs'
        ? 'Costs by class weigh all probabilities at once, so that no input moves one of their decisions alone.'
        : 'Thresholds by class are of probabilities, each of which hangs on the margins of all classes, so that no input moves one alone.',
      'Leave it out; `explain` of a prediction says what moved the likeliest class.',
    )
}

function isThere(input: PlainInput, project: ProjectDefinition): boolean {
  return input.kind === 'pick' || Object.hasOwn(definitionsOf(input.kind, project), input.name)
}

function checkScores(
  decision: DecisionDefinition,
  { task, label: { classes } }: Pick<ModelDefinition, 'task' | 'label'>,
  mistakes: Mistakes,
): void {
  const require = (holds: boolean, message: string): void => {
    if (!holds) mistakes.add('definition_invalid', 'serve.decision', message)
  }
  if (decision.kind === 'class_costs' || decision.kind === 'class_thresholds') {
    checkClassDecision(decision, classes, mistakes)
    for (const { reason } of decision.kind === 'class_costs' ? [] : decision.thresholds)
      if (reason !== undefined) checkCode(reason, 'serve.decision', mistakes)
    return
  }
  if (classes !== undefined) {
    mistakes.add(
      'definition_invalid',
      'serve.decision',
      'A model of several classes has no one score to decide by.',
      'Leave it out, and the likeliest class is the decision; or give classThresholds(), or what each decision costs by class with classCosts().',
    )
    return
  }
  if (decision.kind === 'costs') {
    checkCosts(decision, task, require)
    return
  }
  if (decision.kind === 'bands') {
    const { bands } = decision
    require(bands.length > 0, 'There is no band.')
    if (bands.length === 0) return
    require(bands.at(-1)!.above === undefined, 'The last band takes the rest, and has no threshold.')
    const open = bands.slice(0, -1).filter(({ above }) => above === undefined)
    require(open.length === 0, 'Each band but the last one needs a threshold, `above`.')
    for (const { reason } of bands) if (reason !== undefined) checkCode(reason, 'serve.decision', mistakes)
  }
  const thresholds = bandsOf(decision).flatMap(({ above }) => (above === Number.NEGATIVE_INFINITY ? [] : [above]))
  require(thresholds.every(Number.isFinite), 'The threshold is not a number.')
  require(task !== 'binary' ||
    thresholds.every((above) => !(above < 0 || above > 1)), 'A probability is compared with a threshold from 0 to 1.')
  const falls = thresholds.every((above, index) => index === 0 || !(above >= thresholds[index - 1]!))
  require(falls, 'The thresholds must fall from band to band.')
}

function checkCosts(
  { costs }: CostsDecision,
  task: ModelDefinition['task'],
  require: (holds: boolean, message: string) => void,
): void {
  require(task === 'binary', 'Costs are weighed by a probability, and this model predicts a number.')
  require(costs.length > 0, 'There is no decision.')
  const numbers = costs.flatMap(({ positive, negative }) => [positive, negative])
  require(numbers.every(Number.isFinite), 'A cost is not a number.')
  require(new Set(costs.map(({ decision }) => decision)).size === costs.length, 'A decision is there twice.')
}

const CODE = /^[a-z][a-z0-9_]{0,62}$/

function checkCode(code: string, place: string, mistakes: Mistakes): void {
  if (!CODE.test(code))
    mistakes.add(
      'definition_invalid',
      place,
      `'${code}' is no code: small letters, digits and _, beginning with a letter, 63 at most.`,
    )
}

function checkOverrides(
  overrides: readonly OverrideDefinition[],
  model: ModelDefinition,
  inputs: readonly NamedRead[],
  project: ProjectDefinition,
  mistakes: Mistakes,
): void {
  const seen = new Set<string>()
  for (const rule of overrides) {
    const place = `serve.overrides ${rule.reason}`
    checkCode(rule.reason, place, mistakes)
    if (seen.has(rule.reason)) mistakes.add('definition_invalid', place, 'There are two rules for this reason.')
    seen.add(rule.reason)
    const type = mistakes.attempt(place, () => typeOfRule(rule, model, inputs, project, place, mistakes))?.type
    if (type !== undefined && type !== 'bool')
      mistakes.add('type_mismatch', place, `A rule is a condition; this one is a ${type}.`)
  }
}

function typeOfRule(
  { when, reads }: OverrideDefinition,
  { at }: ModelDefinition,
  inputs: readonly NamedRead[],
  project: ProjectDefinition,
  place: string,
  mistakes: Mistakes,
): ValueType {
  const { schema } = project.streams[at]!
  const read = Object.entries(reads).map(([column, one]) => {
    if (inputNamed(one, inputs) === undefined)
      mistakes.add(
        'unknown_feature',
        place,
        `The model does not take '${column}', so that it is not there to decide on.`,
        'Add it to the features of the model.',
      )
    return [column, typeOfRead(one, project, schema)] as const
  })
  return typeOfExpression(when, { ...schema, ...Object.fromEntries(read) })
}

const statuses: readonly MissingStatus[] = ['unknown_key', 'empty', 'null', 'stale']

function checkMissing(missing: FallbackDefinition['missing'], inputs: readonly string[], mistakes: Mistakes): void {
  if (missing === undefined) return
  const place = 'serve.fallback.missing'
  if (missing.when.length === 0) mistakes.add('definition_invalid', place, 'It names no status, `when`.')
  for (const status of missing.when) mistakes.known('definition_invalid', place, 'status', status, statuses)
  for (const name of missing.features ?? []) {
    if (inputsMeant(name, inputs).length > 0) continue
    const near = nearestName(name, inputs)
    mistakes.add(
      'unknown_feature',
      place,
      `The model takes nothing that is called '${name}'.`,
      near === undefined ? undefined : `Did you mean '${near}'?`,
    )
  }
}
