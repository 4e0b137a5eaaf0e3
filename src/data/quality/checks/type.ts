import type { CheckKind } from '../check.ts'

/** A column is of a type. */
export const type: CheckKind<'type'> = {
  words: ({ column, type }) => `type of ${column} is ${type}`,
  form: 'schema',
  judge({ column, type }, { schema }) {
    const found = schema[column]?.type
    const sentence = `'${column}' is of type ${found ?? 'none'}${found === type ? '' : `, not ${type}`}.`
    return { outcome: found === type ? 'holds' : 'breached', n: 1, sentence }
  },
}
