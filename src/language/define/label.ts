import type { Schema, Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { type Duration, parseDuration } from '../../core/time.ts'
import { typeOfExpression } from '../expr/type-of.ts'
import { byName } from './by-name.ts'
import { checkOptions } from './check-options.ts'
import type { LabelDefinition } from './definitions.ts'
import { typeOrNumber } from './feature-type.ts'
import { withHidden } from './mentions.ts'
import type { Requires, RowOf } from './requirement.ts'
import type { Stream } from './stream.ts'
import type { BoolTerm, ColumnTerm, NumberTerm, TextTerm } from './terms.ts'

/** How a row with the columns that the label is joined on gets its outcome. */
export interface Label<in Row> extends LabelDefinition, Requires<Row> {}

type Outcome = ColumnTerm<string> | BoolTerm<never> | NumberTerm<never>

/** What an outcome may be: a condition or a number, or one of these classes. */
interface LabelOf<Columns extends Schema, Value = boolean | number> {
  /** Columns that the row and the event share, by which they find each other. */
  on<const Name extends keyof Columns & string>(
    ...columns: readonly Name[]
  ): LabelOn<{ readonly [Column in Name]: Columns[Column]['type'] }, Value>
  /** Where the names differ: column of the row -> column of the event. */
  on<const Keys extends Readonly<Record<string, keyof Columns & string>>>(
    columns: Keys,
  ): LabelOn<{ readonly [Column in keyof Keys]: Columns[Keys[Column]]['type'] }, Value>
}

interface LabelOn<in Row, in Value> {
  /**
   * How long after t the event may come. A row counts once t + within + grace has passed, also when its outcome is known
   * before.
   */
  within(duration: Duration, options?: { readonly grace: Duration }): LabelWithin<Row, Value>
}

interface LabelWithin<in Row, in Value> {
  /** What it means that no event came: the row is left out, or this is its outcome. */
  absent(meaning: 'exclude' | Value): Label<Row>
}

/**
 * The outcome of a prediction: a condition (for a probability) or a number (for a regression) over the first event of a
 * stream with the same key in `[t, t + within)`; with `classes` a text that is one of 3 to 100, for a probability of each. Rows whose
 * outcome is none of them are left out like those that have none.
 * @example label(arrivals, col('delay_min').gt(15)).on('flight').within('36h').absent('exclude')
 * @example label(returns, col('reason'), { classes: ['late', 'damaged', 'unwanted'] }).on('order').within('30d').absent('exclude')
 */
export function label<const Columns extends Schema>(
  from: Stream<Columns>,
  outcome: Outcome & Requires<RowOf<Columns>>,
): LabelOf<Columns>
export function label<const Columns extends Schema, const Name extends string>(
  from: Stream<Columns>,
  outcome: (ColumnTerm<string> | TextTerm<never>) & Requires<RowOf<Columns>>,
  options: { readonly classes: readonly Name[] },
): LabelOf<Columns, Name>
export function label<const Columns extends Schema>(
  from: Stream<Columns>,
  outcome: (Outcome | TextTerm<never>) & Requires<RowOf<Columns>>,
  options?: { readonly classes: readonly string[] },
): LabelOf<Columns, Value> {
  if (outcome?.expression === undefined) throw withoutOutcome(from.name)
  const { expression } = outcome
  if (options !== undefined) checkOptions('label', options, { classes: true })
  const { type } = typeOrNumber(() => typeOfExpression(expression, from.schema))
  const on = (...columns: readonly (string | Readonly<Record<string, string>>)[]): LabelOn<unknown, Value> => ({
    within: (duration, waiting) => ({
      absent(meaning) {
        if (waiting !== undefined) checkOptions('label.within', waiting, { grace: true })
        const definition: LabelDefinition = {
          from: from.name,
          expression,
          type,
          ...(options === undefined ? {} : { classes: options.classes }),
          on: byName(Object.fromEntries(columns.flatMap(pairs))),
          within: parseDuration(duration, `label of ${from.name}, within`),
          grace: waiting === undefined ? 0 : parseDuration(waiting.grace, `label of ${from.name}, within.grace`),
          absent: meaning === 'exclude' ? meaning : { value: meaning },
        }
        return withHidden(definition, [from], {})
      },
    }),
  })
  return { on }
}

/** For plain JavaScript: the compiler does not let it come to this. */
function withoutOutcome(stream: string): TruelineError {
  const path = `label of ${stream}`
  return new TruelineError('definition_invalid', `${path}: It has no outcome.`, {
    path,
    remedy:
      "Say what of the event is predicted: label(returns, col('refund').gt(0)) is true of a return with a refund.",
  })
}

/** Column of the row and column of the event. */
function pairs(columns: string | Readonly<Record<string, string>>): [string, string][] {
  return typeof columns === 'string' ? [[columns, columns]] : Object.entries(columns)
}
