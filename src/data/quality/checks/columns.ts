import type { CheckKind } from '../check.ts'

/** The table has exactly these columns, in this order where it matters. */
export const columns: CheckKind<'columns'> = {
  words: ({ columns, ordered }) => `columns ${ordered ? 'in order ' : ''}${columns.join(', ')}`,
  form: 'schema',
  judge({ columns, ordered }, { schema, order }) {
    const names = order ?? Object.keys(schema)
    const missing = columns.filter((name) => !names.includes(name))
    const others = names.filter((name) => !columns.includes(name))
    const n = names.length
    if (missing.length > 0 || others.length > 0) {
      const parts = [
        ...(missing.length === 0 ? [] : [`it lacks ${missing.join(', ')}`]),
        ...(others.length === 0 ? [] : [`it has also ${others.join(', ')}`]),
      ]
      return { outcome: 'breached', n, sentence: `The columns differ: ${parts.join('; ')}.` }
    }
    if (ordered && order === undefined)
      return { outcome: 'insufficient', n, sentence: 'Only columns of a file have an order.' }
    if (ordered && columns.some((name, index) => names[index] !== name))
      return { outcome: 'breached', n, sentence: `The columns come in another order: ${names.join(', ')}.` }
    return { outcome: 'holds', n, sentence: `The table has the ${n} columns.` }
  },
}
