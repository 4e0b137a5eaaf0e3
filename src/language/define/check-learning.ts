import type { Schema } from '../../core/data-type.ts'
import { DAY, formatDuration, HOUR, MINUTE, SECOND } from '../../core/time.ts'
import { typeOfExpression } from '../expr/type-of.ts'
import type { ModelDefinition, SplitDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'
import type { SearchDefinition, SearchRange } from './search-definition.ts'
import { foldLengths, gapOf } from './split-folds.ts'
import type { ClassWeights } from './weights-definition.ts'

/** Most trials of a search. */
const MOST_TRIALS = 10_000
const MOST_FOLDS = 100

type Require = (holds: boolean, place: string, message: string) => void

/** Checks how a model is learnt beside its trainer: how much rows count, what is searched for, and over which folds. */
export function checkLearning(model: ModelDefinition, mistakes: Mistakes): void {
  const require: Require = (holds, place, message) => {
    if (!holds) mistakes.add('definition_invalid', place, message)
  }
  const { weights, search } = model
  if (weights?.classes !== undefined) {
    require(model.task !==
      'regression', 'weights.classes', 'Only outcomes that come or do not have classes; this model predicts a number.')
    const { classes } = weights
    if (model.task !== 'regression' && classes !== 'balanced') checkClassWeights(classes, model, mistakes)
  }
  if (search !== undefined) checkSearch(search, require)
  checkFolds(model, require)
}

function checkClassWeights(weights: ClassWeights, { label }: ModelDefinition, mistakes: Mistakes): void {
  const classes = label.classes ?? ['positive', 'negative']
  const place = 'weights.classes'
  for (const name of Object.keys(weights)) mistakes.known('definition_invalid', place, 'class', name, classes)
  const without = classes.filter((name) => !Object.hasOwn(weights, name))
  if (without.length > 0) mistakes.add('definition_invalid', place, `There is no weight of ${without.join(', ')}.`)
  if (!Object.values(weights).every(isWeight))
    mistakes.add('definition_invalid', place, 'Each must be a number at least 0.')
}

/** Checks the weights of rows against the stream whose rows ask. */
export function checkRowWeights({ weights }: ModelDefinition, schema: Schema, mistakes: Mistakes): void {
  const rows = weights?.rows
  if (rows === undefined) return
  const type = mistakes.attempt('weights.rows', () => typeOfExpression(rows, schema))?.type
  if (type !== undefined && !['int', 'number', 'decimal'].includes(type))
    mistakes.add('type_mismatch', 'weights.rows', `A weight is a number; this is a ${type}.`)
}

function checkSearch(search: SearchDefinition, require: Require): void {
  const spaces = Object.entries<SearchRange>(search.space)
  require(spaces.length > 0, 'search.space', 'It varies nothing.')
  for (const [name, range] of spaces) {
    const place = `search.space.${name}`
    if (Array.isArray(range)) {
      require(range.length > 0 && range.every(Number.isFinite), place, 'It must list at least one number.')
      continue
    }
    const { from, to, scale, whole } = range as Exclude<SearchRange, readonly number[]>
    require(Number.isFinite(from) &&
      from < to &&
      Number.isFinite(to), place, 'It must go from a number to a greater one.')
    require(scale === 'linear' ||
      (scale === 'log' && from > 0), place, 'Its scale is linear, or log where it begins above 0.')
    require(!whole || (Number.isInteger(from) && Number.isInteger(to)), place, 'Its ends must be whole numbers.')
  }
  if (search.kind !== 'halving')
    require(isCount(search.patience ?? 1), 'search.patience', 'It must be a whole number above 0.')
  const trials = search.kind === 'grid' ? gridSize(search.space) : search.trials
  require(isCount(trials) && trials <= MOST_TRIALS, 'search', `It must make 1 to ${MOST_TRIALS} trials, not ${trials}.`)
  if (search.kind === 'halving')
    require(Number.isInteger(search.factor) && search.factor >= 2, 'search.factor', 'It must be a whole number from 2.')
}

function checkFolds({ split, label }: ModelDefinition, require: Require): void {
  const { folds, embargo } = split
  require((embargo ?? 0) >= 0, 'split.embargo', 'It cannot be below 0.')
  if (folds === undefined) {
    for (const part of ['train', 'validate'] as const)
      require(embargo === undefined ||
        gapOf(split, label) <
          split[
            part
          ], 'split.embargo', `With the time that an outcome may take it is as long as ${part}: nothing is left of that.`)
    return
  }
  require(Number.isInteger(folds) &&
    folds >= 2 &&
    folds <= MOST_FOLDS, 'split.folds', `It must be a whole number from 2 to ${MOST_FOLDS}.`)
  const { firstTraining, gap } = foldLengths(split, label)
  require(firstTraining > 0, 'split.folds', untrainedFold(split, folds, gap))
}

function untrainedFold({ train, validate }: SplitDefinition, folds: number, gap: number): string {
  const unit = [DAY, HOUR, MINUTE, SECOND].find((one) => [train, validate, gap].every((length) => length % one === 0))
  const words = (length: number): string =>
    unit === undefined ? formatDuration(length) : `${length / unit}${formatDuration(unit).slice(1)}`
  const needed = (folds + 1) * validate + 2 * gap
  const fitting = Math.min(MOST_FOLDS, Math.ceil((train - 2 * gap) / validate) - 1)
  const advice = fitting < 2 ? 'No folds fit: train for longer, or validate for less' : `At most ${fitting} folds fit`
  return `The first fold has no time left to learn from: ${folds + 1} stretches of ${words(validate)}, each as long as validation, and two gaps of ${words(gap)}, in which outcomes are still open, take ${words(needed)} of the ${words(train + validate)} of training and validation. ${advice}.`
}

function gridSize(space: Readonly<Record<string, readonly number[]>>): number {
  return Object.values(space).reduce((product, values) => product * values.length, 1)
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1
}

function isWeight(value: number): boolean {
  return Number.isFinite(value) && value >= 0
}
