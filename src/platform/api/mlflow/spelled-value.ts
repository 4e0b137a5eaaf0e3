import type { TruelineError } from '../../../core/errors.ts'

/** What node's JSON can beside what TypeScript knows of it: tell a number's own text, and write one as it is. */
const spelling = JSON as unknown as {
  parse(text: string, revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
  rawJSON(text: string): object
}

/** The texts that bodies were read from, for as long as these are in use. */
const texts = new WeakMap<object, string>()

/** A body from its JSON, which is kept beside it for `asSpelled`. */
export function parseSpelled(text: string): unknown {
  const body: unknown = JSON.parse(text)
  if (typeof body === 'object' && body !== null) texts.set(body, text)
  return body
}

/**
 * What is said of a value that is not what it should be, with the numbers as they were written: `9.0`, where numbers have one
 * spelling here, is told as 9.
 * @param body what `parseSpelled` gave
 */
export function asSpelled({ message, path }: TruelineError, body: unknown): string {
  const [, quoted] = /^Invalid value (.*) for parameter '/s.exec(message) ?? []
  const text = typeof body === 'object' && body !== null ? texts.get(body) : undefined
  if (quoted === undefined || text === undefined || path === undefined) return message
  const written = spelling.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? spelling.rawJSON(source) : value,
  )
  const value = path
    .split(/[.[\]]+/)
    .filter((name) => name !== '')
    .reduce<unknown>((inner, name) => (inner as Readonly<Record<string, unknown>> | undefined)?.[name], written)
  const spelled = value === undefined ? undefined : JSON.stringify(value)
  if (spelled === undefined || spelled === quoted || JSON.stringify(JSON.parse(spelled)) !== quoted) return message
  const told = message.replace(quoted, () => spelled)
  return /^-?\d+[.e]/i.test(spelled) ? told.replace("of type 'int'", "of type 'float'") : told
}
