import type { Schema } from '../../core/data-type.ts'
import { asTruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { checkFormula, evaluateFormula } from '../../language/expr/evaluate-formula.ts'
import { columnsOfFormula } from '../../language/expr/formula.ts'
import { type Assignment, parseAssignment } from '../../language/expr/parse-formula.ts'
import type { RowFault } from './row-reader.ts'

/** How refused rows are to be changed: assignments in their order, each on what those before it made; then members left out. */
export interface Mend {
  readonly assignments: readonly Assignment[]
  readonly drop: readonly string[]
  /** The same in words, for the record. */
  readonly text: string
}

/**
 * A mend from its text.
 * @param set such as `amount = number(trim(amount))`
 * @param drop members of the row to leave out
 * @throws TruelineError `formula_invalid`
 */
export function parseMend(set: readonly string[], drop: readonly string[] = []): Mend {
  const assignments = set.map(parseAssignment)
  for (const { formula } of assignments) checkFormula(formula)
  return { assignments, drop, text: [...set, ...drop.map((name) => `without ${name}`)].join('; ') }
}

/**
 * A row as a mend changes it, or why it cannot be. What a formula names is a column of the schema or a member of the row.
 */
export function mendRow(
  { assignments, drop }: Mend,
  row: unknown,
  schema: Schema,
): { readonly row: unknown } | { readonly fault: RowFault } {
  if (assignments.length === 0 && drop.length === 0) return { row }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    return { fault: { code: 'malformed_row', reason: 'The row is not a JSON object, so no column of it can be set.' } }
  const mended: Record<string, unknown> = { ...row }
  try {
    for (const { column, formula } of assignments) {
      for (const name of columnsOfFormula(formula)) {
        if (Object.hasOwn(schema, name) || Object.hasOwn(mended, name)) continue
        throw unknownName('unknown_column', 'column', name, [
          ...new Set([...Object.keys(schema), ...Object.keys(mended)]),
        ])
      }
      mended[column] = evaluateFormula(formula, mended)
    }
  } catch (thrown) {
    const { code, message, path } = asTruelineError(thrown)
    return { fault: { code, reason: message, ...(path === undefined ? {} : { path }) } }
  }
  for (const name of drop) delete mended[name]
  return { row: mended }
}
