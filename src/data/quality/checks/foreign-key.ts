import { type CheckKind, MOST_REFERENCES, referenceKey } from '../check.ts'
import { countOf, judgeRows, MOST_EXAMPLES } from '../judge.ts'
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
        const { stream, references: target } = definition
        if (failing > 0 && known !== undefined && known.size >= MOST_REFERENCES)
          return {
            outcome: 'insufficient',
            n: rows,
            sentence: `'${stream}' has more than ${countOf(MOST_REFERENCES)} different '${target}', too many to compare with.`,
          }
        const what = `have a '${column}' that '${stream}' has not`
        if (known !== undefined && known.size > 0) return judgeRows(failing, rows, allowed, what, [...examples])
        return {
          outcome: 'insufficient',
          n: rows,
          sentence: `Nothing of '${stream}' is there to compare with.`,
        }
      },
    }
  },
}
