import { type CheckKind, referenceKey } from '../check.ts'
import { judgeRows, MOST_EXAMPLES } from '../judge.ts'
import { MASK } from '../mask-row.ts'
import { shownValue } from '../profile/column-profile.ts'

/** Each value is one that a column of another stream has. */
export const foreignKey: CheckKind<'foreignKey'> = {
  words: ({ column, stream, references }) => `${column} is a ${references} of ${stream}`,
  form: 'table',
  start(definition, { schema, references }) {
    const { column, allowed } = definition
    const index = Object.keys(schema).indexOf(column)
    const type = schema[column]!
    const known = references.get(referenceKey(definition))
    const examples = new Set<string>()
    let rows = 0
    let failing = 0
    return {
      take(batch) {
        const values = batch.columns[index]!
        for (let row = 0; row < batch.length; row += 1) {
          const value = values[row]!
          if (value === null || Number.isNaN(value)) continue
          rows += 1
          if (known?.has(value) !== false) continue
          failing += 1
          if (examples.size < MOST_EXAMPLES) examples.add(type.sensitive ? MASK : shownValue(value, type))
        }
      },
      finish() {
        const what = `have a '${column}' that '${definition.stream}' has not`
        if (known !== undefined && known.size > 0) return judgeRows(failing, rows, allowed, what, [...examples])
        return {
          outcome: 'insufficient',
          n: rows,
          sentence: `Nothing of '${definition.stream}' is there to compare with.`,
        }
      },
    }
  },
}
