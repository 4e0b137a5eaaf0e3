import type { Schema } from '../../core/data-type.ts'

/** A key with the texts in it read as numbers and bools where the schema wants these: a command line has only texts. */
export function typedKey(key: Readonly<Record<string, unknown>>, schema: Schema): Readonly<Record<string, unknown>> {
  const read = ([name, value]: [string, unknown]): [string, unknown] => {
    const { type } = schema[name]!
    if (typeof value !== 'string' || (type !== 'int' && type !== 'number' && type !== 'bool')) return [name, value]
    if (type === 'bool') return [name, value === 'true' ? true : value === 'false' ? false : value]
    return [name, value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value)]
  }
  return Object.fromEntries(Object.entries(key).map(read))
}
