import type { DataTypeName, Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'
import type { Aggregate, Takes } from '../aggregate/aggregate.ts'
import { type AggregateName, aggregateNames, aggregates } from '../aggregate/registry.ts'
import { typeOfExpression, type ValueType } from '../expr/type-of.ts'
import type { UntypedFeature } from './aggregation.ts'

/** In words, and the types that fit. */
const accepted: Record<Exclude<Takes, 'rows'>, { words: string; types: readonly DataTypeName[] }> = {
  numbers: { words: 'numbers', types: ['int', 'number', 'decimal'] },
  ordered: { words: 'numbers or timestamps', types: ['int', 'number', 'decimal', 'timestamp'] },
  bools: { words: 'a condition', types: ['bool'] },
  values: { words: 'values', types: ['int', 'number', 'decimal', 'bool', 'string', 'timestamp'] },
}

/**
 * The type of a feature's value over rows of a schema; finds every mistake in its expressions.
 * @throws TruelineError `unknown_column`, `type_mismatch`, `unknown_zone`, `definition_invalid`
 */
export function typeOfFeature(feature: UntypedFeature, schema: Schema): ValueType {
  const aggregate = aggregateNamed(feature.aggregate)
  checkParameters(feature, aggregate)
  if (feature.where !== undefined) {
    const { type } = typeOfExpression(feature.where, schema)
    if (type !== 'bool')
      throw new TruelineError('type_mismatch', `'where' takes a condition; here it is given ${type}.`)
  }
  if (aggregate.takes === 'rows') {
    if (feature.argument !== undefined)
      throw new TruelineError('definition_invalid', `'${feature.aggregate}' takes whole rows and no argument.`)
    return { type: aggregate.resultType('int') }
  }
  if (feature.argument === undefined)
    throw new TruelineError('definition_invalid', `'${feature.aggregate}' needs a column or an expression.`)
  const argument = typeOfExpression(feature.argument, schema)
  const { words, types } = accepted[aggregate.takes]
  if (!types.includes(argument.type))
    throw new TruelineError(
      'type_mismatch',
      `'${feature.aggregate}' takes ${words}; here it is given ${argument.type}.`,
    )
  const type = aggregate.resultType(argument.type)
  return type === 'decimal' && argument.scale !== undefined ? { type, scale: argument.scale } : { type }
}

function checkParameters({ aggregate: name, parameters = {} }: UntypedFeature, aggregate: Aggregate): void {
  const taken: readonly string[] = aggregate.parameters ?? []
  const given = Object.keys(parameters)
  const odd = [...taken.filter((one) => !given.includes(one)), ...given.filter((one) => !taken.includes(one))]
  if (odd.length > 0) {
    const words = taken.length === 0 ? 'no parameters' : `the parameters ${taken.join(', ')}`
    throw new TruelineError('definition_invalid', `'${name}' takes ${words}; mind ${odd.join(', ')}.`)
  }
  const problem = aggregate.problem?.(parameters)
  if (problem !== undefined) throw new TruelineError('definition_invalid', `'${name}': ${problem}`)
}

function aggregateNamed(name: AggregateName): Aggregate {
  if (Object.hasOwn(aggregates, name)) return aggregates[name]
  const nearest = nearestName(name, aggregateNames)
  throw new TruelineError('definition_invalid', `There is no aggregate '${name}'.`, {
    remedy: nearest === undefined ? `The aggregates are ${aggregateNames.join(', ')}.` : `Did you mean '${nearest}'?`,
  })
}

/**
 * A type, or `number` where the definition is mistaken: builders finish what they build, and the check of the project
 * reports all mistakes at once.
 */
export function typeOrNumber(typed: () => ValueType): ValueType {
  try {
    return typed()
  } catch (error) {
    if (error instanceof TruelineError) return { type: 'number' }
    throw error
  }
}
