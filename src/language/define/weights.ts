import { TruelineError } from '../../core/errors.ts'
import { checkOptions } from './check-options.ts'
import type { Requires } from './requirement.ts'
import { type ColumnTerm, expressionOf, type NumberTerm } from './terms.ts'
import type { ClassWeights, WeightsDefinition } from './weights-definition.ts'

/** How much rows count where a model is learnt; `balanced` alone is short for the classes. */
export type WeightsOptions<Row> = 'balanced' | Weights<Row>

interface Weights<in Row> {
  /** By outcome: `balanced` lets all outcomes count for as much, be they two or several classes. */
  readonly classes?: 'balanced' | ClassWeights
  /** A number of the row that asks, at least 0, as an expression of its columns. */
  readonly rows?: (ColumnTerm<string> | NumberTerm<never>) & Requires<Row>
}

/**
 * The weights of a model as plain data.
 * @throws TruelineError `definition_invalid` for an option that does not exist
 */
export function weightsOf(place: string, options: WeightsOptions<never>): WeightsDefinition {
  if (options === 'balanced') return { classes: 'balanced' }
  if (typeof options === 'string') throw notBalanced(place, options)
  checkOptions<Weights<never>>(place, options, { classes: true, rows: true })
  const { classes, rows } = options
  if (typeof classes === 'string' && classes !== 'balanced') throw notBalanced(`${place}.classes`, classes)
  return {
    ...(classes === undefined ? {} : { classes }),
    ...(rows === undefined ? {} : { rows: expressionOf(rows) }),
  }
}

/** For plain JavaScript: the compiler does not let it come to this. */
function notBalanced(path: string, given: string): TruelineError {
  return new TruelineError('definition_invalid', `${path}: '${given}' is no way to weigh rows.`, {
    path,
    remedy: "Did you mean 'balanced'? Or give { classes: { positive, negative } } or { rows: an expression }.",
  })
}
