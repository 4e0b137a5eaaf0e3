import { TruelineError } from '../../core/errors.ts'

/** What stands in a project file where a definition or an expression belongs: `'gbdt'`, `0.5`, `a list`, `stream 'orders'`. */
export function wordsOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'function') return 'a function that is not called'
  if (Array.isArray(value)) return 'a list'
  if (typeof value !== 'object' || value === null) return String(value)
  const { kind, name } = value as { readonly kind?: unknown; readonly name?: unknown }
  return typeof kind === 'string' && typeof name === 'string' ? `${kind} '${name}'` : 'an object'
}

/**
 * Refuses what is of another kind than a builder takes: node runs project files without compiling them, so it would be found
 * far from its place, or not at all.
 * @param place where it is given, such as `model 'late_flight', trainer`
 * @param remedy what is to be given, with an example
 * @throws TruelineError `definition_invalid`, with what is given
 */
export function mustBe(holds: boolean, place: string, given: unknown, remedy: string): void {
  if (holds) return
  const message = given === undefined ? 'It is not given.' : `It cannot be ${wordsOf(given)}.`
  throw new TruelineError('definition_invalid', `${place}: ${message}`, { path: place, remedy })
}

/** Whether a value is an object of one of some kinds. */
export function isOfKind(value: unknown, ...kinds: readonly string[]): boolean {
  return isObject(value) && kinds.includes((value as { readonly kind?: string }).kind ?? '')
}

/** Whether a value has members by name: neither a list nor nothing. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
