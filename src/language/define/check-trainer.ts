import { calibrationMethods } from './calibration-definition.ts'
import { checkCommand } from './check-command.ts'
import type { ModelDefinition } from './definitions.ts'
import { categoryParameters, gbdtParameters, type Parameter } from './gbdt.ts'
import { wordsOf } from './given.ts'
import { linearParameters } from './linear.ts'
import type { Mistakes } from './mistakes.ts'
import type { SearchRange } from './search-definition.ts'
import type { LinearDefinition, TrainerDefinition } from './trainer-definition.ts'

type Kind = TrainerDefinition['kind']
type Task = ModelDefinition['task']

/** What a kind of trainer demands of its definition. */
interface TrainerCheck<Definition extends TrainerDefinition> {
  check(trainer: Definition, task: Task, mistakes: Mistakes): void
}

const checkLine: TrainerCheck<LinearDefinition & TrainerDefinition> = {
  check({ kind, parameters }, task, mistakes) {
    checkParameters(kind, parameters, linearParameters, mistakes)
    const fitting = task === 'regression' ? 'linear' : 'logistic'
    if (kind !== fitting)
      mistakes.add('definition_invalid', 'trainer', `A ${task} model is learnt by ${fitting}(), not by ${kind}().`)
  },
}

const checks: { readonly [Of in Kind]: TrainerCheck<Extract<TrainerDefinition, { kind: Of }>> } = {
  gbdt: {
    check: ({ parameters }, _task, mistakes) =>
      checkParameters('gbdt', parameters, { ...gbdtParameters, ...categoryParameters }, mistakes),
  },
  command: { check: checkCommand },
  linear: checkLine,
  logistic: checkLine,
}

/** Checks what a model is learnt by, and how its scores are made probabilities. */
export function checkTrainer({ trainer, task, calibration, search }: ModelDefinition, mistakes: Mistakes): void {
  if (calibration !== undefined) {
    mistakes.known('definition_invalid', 'calibration', 'calibration', calibration, calibrationMethods)
    if (task === 'regression')
      mistakes.add(
        'definition_invalid',
        'calibration',
        'Only probabilities are calibrated; this model predicts a number.',
      )
    if (task === 'binary' && calibration === 'temperature')
      mistakes.add(
        'definition_invalid',
        'calibration',
        'A temperature stretches the probabilities of several classes; this model has one probability.',
        "Take 'platt', which stretches its log-odds and moves them as well.",
      )
  }
  if (!mistakes.known('definition_invalid', 'trainer', 'trainer', trainer.kind, Object.keys(checks))) return
  const ofKind: TrainerCheck<TrainerDefinition> = checks[trainer.kind]
  ofKind.check(trainer, task, mistakes)
  // What a program takes is its own affair.
  if (search === undefined || trainer.kind === 'command') return
  for (const [name, range] of Object.entries<SearchRange>(search.space))
    for (const value of endsOf(range))
      ofKind.check({ ...trainer, parameters: { [name]: value } }, task, placedAt(mistakes, 'search.space'))
}

/** Reports what is wrong with a trainer's parameters where a search gives them. */
function placedAt(mistakes: Mistakes, root: string): Mistakes {
  const placed = (place: string): string => place.replace(/^trainer/, root)
  return {
    add: (code, place, message, remedy) => mistakes.add(code, placed(place), message, remedy),
    attempt: (place, check) => mistakes.attempt(placed(place), check),
    known: (code, place, ...rest) => mistakes.known(code, placed(place), ...rest),
  }
}

/** The values of a search, or between which they lie. */
function endsOf(range: SearchRange): readonly number[] {
  return 'from' in range ? [range.from, range.to] : range
}

function checkParameters(
  kind: Kind,
  given: Readonly<Record<string, number>>,
  parameters: Readonly<Record<string, Parameter>>,
  mistakes: Mistakes,
): void {
  for (const [name, value] of Object.entries(given)) {
    if (!mistakes.known('invalid_parameter', 'trainer', `parameter of ${kind}`, name, Object.keys(parameters))) continue
    const { min, max, whole } = parameters[name]!
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) continue
    mistakes.add(
      'invalid_parameter',
      `trainer.${name}`,
      `${typeof value === 'number' ? value : wordsOf(value)} is not ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}.`,
    )
  }
}
