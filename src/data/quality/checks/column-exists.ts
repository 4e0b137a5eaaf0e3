import type { CheckKind } from '../check.ts'

/** The table has a column. */
export const columnExists: CheckKind<'columnExists'> = {
  words: ({ column }) => `column exists ${column}`,
  form: 'schema',
  judge({ column }, { schema }) {
    const names = Object.keys(schema)
    return Object.hasOwn(schema, column)
      ? { outcome: 'holds', n: names.length, sentence: `The table has a column '${column}'.` }
      : { outcome: 'breached', n: names.length, sentence: `The table has no column '${column}'.` }
  },
}
