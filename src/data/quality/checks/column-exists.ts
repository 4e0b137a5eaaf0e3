import type { CheckKind } from '../check.ts'

/** The table has a column: the file itself, where the rows come from one. */
export const columnExists: CheckKind<'columnExists'> = {
  words: ({ column }) => `column exists ${column}`,
  form: 'schema',
  judge({ column }, { schema, order }) {
    const names = order ?? Object.keys(schema)
    return names.includes(column)
      ? { outcome: 'holds', n: names.length, sentence: `The table has a column '${column}'.` }
      : { outcome: 'breached', n: names.length, sentence: `The table has no column '${column}'.` }
  },
}
