import { canonicalJson } from '../core/canonical.ts'
import type { Schema } from '../core/data-type.ts'
import { type Aggregate, keepsDecimals } from '../language/aggregate/aggregate.ts'
import type { FeatureDefinition } from '../language/define/definitions.ts'
import { compileExpression, type Evaluator } from '../language/expr/compile.ts'
import type { Dictionary } from '../language/expr/dictionary.ts'
import type { Expression } from '../language/expr/expression.ts'
import { typeOfExpression } from '../language/expr/type-of.ts'
import { compareIds } from './event-order.ts'
import { sharedList } from './shared-list.ts'

/** No lane: every row of the window counts. */
export const WHOLE_ROWS = -1

/**
 * What is kept of each row: one number per lane. A lane is an argument, a condition, or an argument under a condition;
 * it is NaN where the argument is null or the condition does not hold, and a condition alone is 1 where it holds.
 */
export interface Lane {
  readonly where?: Evaluator
  readonly argument?: Evaluator
}

/** Lanes as features ask for them, each made once for all that can share it. */
export function lanePlanner(schema: Schema, dictionary: Dictionary) {
  const lanes = sharedList<Lane>()
  const compile = (expression: Expression) => compileExpression(expression, schema, dictionary)
  return {
    lanes: lanes.items,

    /** The lane of a feature's condition alone. */
    rowsOf({ where }: FeatureDefinition): number {
      if (where === undefined) return WHOLE_ROWS
      return lanes.indexOf(canonicalJson([where]), () => ({ where: compile(where) }))
    },

    /** The lane of a feature's argument under its condition, as its aggregate takes it. */
    laneOf({ where, argument, parameters = {} }: FeatureDefinition, aggregate: Aggregate): number {
      if (argument === undefined) return WHOLE_ROWS
      const { type, scale = 0 } = typeOfExpression(argument, schema)
      const unit = type === 'decimal' && !keepsDecimals(aggregate) ? 10 ** scale : 1
      const encoding = 'collects' in aggregate ? aggregate.encoding : undefined
      const encoded = encoding && [encoding.name, ...encoding.parameters.map((parameter) => parameters[parameter])]
      return lanes.indexOf(canonicalJson([where, argument, unit, encoded]), () => {
        const value = inUnits(compile(argument), unit)
        const encode = encoding?.create(parameters, type === 'string' ? dictionary.decode : undefined)
        return {
          ...(where === undefined ? {} : { where: compile(where) }),
          argument: encode === undefined ? value : encodedBy(encode, value),
        }
      })
    },
  }
}

/** Order of the values of an argument: numbers by size, texts, which are codes, by their UTF-8 bytes. */
export function orderOf(
  argument: Expression | undefined,
  schema: Schema,
  { decode }: Dictionary,
): (left: number, right: number) => number {
  const isText = argument !== undefined && typeOfExpression(argument, schema).type === 'string'
  return isText ? (left, right) => compareIds(decode(left), decode(right)) : (left, right) => left - right
}

function encodedBy(encode: (value: number) => number, evaluator: Evaluator): Evaluator {
  return (columns, row) => {
    const value = evaluator(columns, row)
    return Number.isNaN(value) ? value : encode(value)
  }
}

function inUnits(evaluator: Evaluator, unit: number): Evaluator {
  return unit === 1 ? evaluator : (columns, row) => evaluator(columns, row) / unit
}
