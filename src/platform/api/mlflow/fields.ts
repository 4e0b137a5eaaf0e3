import { TruelineError } from '../../../core/errors.ts'

/** What a call of the protocol carries: members of a JSON body, or of a query, whose values are all texts. */
export type Fields = Readonly<Record<string, unknown>>

const SEE = 'See the API docs for more information about request parameters.'

/** The members of a call's body or query; the names of those of its query that are lists have one value each. */
export function fieldsOf(given: unknown): Fields {
  // Old clients send their JSON as a text inside JSON.
  const value = typeof given === 'string' ? parsed(given) : given
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Fields
  throw mistake('body', 'The body of the request must be a JSON object.')
}

/** A text; undefined where there is none. */
export function text(fields: Fields, name: string, path = name): string | undefined {
  const value = present(fields, name)
  if (value === undefined || typeof value === 'string') return value
  throw invalidValue(path, value)
}

/** A text that is there and not empty. */
export function requiredText(fields: Fields, name: string, path = name): string {
  const value = text(fields, name, path)
  if (value !== undefined && value !== '') return value
  throw missing(path)
}

/** The id of a run, by either of its names. */
export function runId(fields: Fields): string {
  const name =
    present(fields, 'run_id') === undefined && present(fields, 'run_uuid') !== undefined ? 'run_uuid' : 'run_id'
  return requiredText(fields, name, 'run_id')
}

/** A whole number, given as one or as a text of one. */
export function whole(fields: Fields, name: string, path = name): number | undefined {
  const value = present(fields, name)
  if (value === undefined) return undefined
  const number = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number)) return number
  throw invalidValue(path, value)
}

/** A whole number that is there. */
export function requiredWhole(fields: Fields, name: string, path = name): number {
  const value = whole(fields, name, path)
  if (value === undefined) throw missing(path)
  return value
}

/** A number that is there; those that JSON lacks are the texts `NaN`, `Infinity` and `-Infinity`. */
export function requiredNumber(fields: Fields, name: string, path = name): number {
  const value = present(fields, name)
  if (value === undefined || value === '') throw missing(path)
  if (typeof value === 'number') return value
  if (typeof value === 'string') {
    if (value === 'NaN') return Number.NaN
    if (value === 'Infinity' || value === '-Infinity') return Number(value)
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value)) return Number(value)
  }
  throw invalidValue(path, value)
}

/** True or false; a query says it in letters. */
export function flag(fields: Fields, name: string): boolean | undefined {
  const value = present(fields, name)
  if (value === undefined || typeof value === 'boolean') return value
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  throw invalidValue(name, value)
}

/** One of a few words. */
export function word<Word extends string>(fields: Fields, name: string, words: readonly Word[]): Word | undefined {
  const value = text(fields, name)
  if (value === undefined || value === '') return undefined
  const found = words.find((known) => known === value)
  if (found === undefined) throw invalidValue(name, value, `It must be one of ${words.join(', ')}.`)
  return found
}

/** A list of objects; none where it is not given. */
export function objects(fields: Fields, name: string): readonly Fields[] {
  const value = present(fields, name) ?? []
  if (!Array.isArray(value)) throw invalidValue(name, value)
  for (const [index, item] of value.entries())
    if (typeof item !== 'object' || item === null || Array.isArray(item)) throw invalidValue(`${name}[${index}]`, item)
  return value as Fields[]
}

/** A list of texts. A query repeats the name for each, so that one is a text alone. */
export function texts(fields: Fields, name: string, inQuery = false): readonly string[] {
  const value = present(fields, name) ?? []
  if (inQuery && typeof value === 'string') return [value]
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) throw invalidValue(name, value)
  return value as string[]
}

/** Tags, parameters and the like: a list of keys with values. */
export function pairs(fields: Fields, name: string): { readonly key: string; readonly value: string }[] {
  return objects(fields, name).map((item, index) => ({
    key: requiredText(item, 'key', `${name}[${index}].key`),
    value: text(item, 'value', `${name}[${index}].value`) ?? '',
  }))
}

/** The most that a page may have, 1 to `most`. */
export function pageSize(fields: Fields, usual: number, most: number): number {
  const size = whole(fields, 'max_results') ?? usual
  if (size >= 1 && size <= most) return size
  throw invalidValue('max_results', size, `It must be at least 1 and at most ${most}.`)
}

/** A mistake in what was asked. */
export function mistake(path: string, message: string): TruelineError {
  return new TruelineError('invalid_parameter', message, { path })
}

/** A value that is not what it should be. */
export function invalidValue(
  path: string,
  value: unknown,
  hint = `Hint: Value was of type '${typeOf(value)}'.`,
): TruelineError {
  return mistake(path, `Invalid value ${JSON.stringify(value)} for parameter '${path}' supplied: ${hint} ${SEE}`)
}

function missing(path: string): TruelineError {
  return mistake(path, `Missing value for required parameter '${path}'. ${SEE}`)
}

function present(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw mistake('body', 'The body of the request is not JSON.')
  }
}

/** A value's type by the name that its senders know. */
function typeOf(value: unknown): string {
  if (value === null) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  const names: Readonly<Record<string, string>> = { string: 'str', boolean: 'bool', object: 'dict' }
  return names[typeof value] ?? typeof value
}
