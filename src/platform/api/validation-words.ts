import type { TLocalizedValidationError } from 'typebox/error'
import { patternWords } from './text-patterns.ts'

/** What a schema has against a value: the member it is about, as a path, and the sentence. */
export interface Complaint {
  /** Such as '/rows/0'; empty for the value itself. */
  readonly place: string
  readonly message: string
}

/**
 * The first of a validator's errors in words of the API.
 * @param whole what the value itself is called, such as 'body'
 */
export function complaintOf(errors: readonly TLocalizedValidationError[], whole: string): Complaint {
  const unknown = errors.find((error) => error.keyword === 'additionalProperties')
  if (unknown?.keyword === 'additionalProperties') {
    const name = unknown.params.additionalProperties[0]!
    return {
      place: `${unknown.instancePath}/${name}`,
      message: `'${name}' is not known here.`,
    }
  }
  const [first] = errors
  if (first === undefined) return { place: '', message: `${whole} is not valid.` }
  const place = first.instancePath
  const name = place === '' ? whole : place.slice(1).replaceAll('/', '.')
  if (first.keyword === 'required')
    return { place, message: `${name} lacks ${first.params.requiredProperties.map((one) => `'${one}'`).join(', ')}.` }
  return { place, message: `${name} ${sentenceOf(first, errors)}.` }
}

function sentenceOf(first: TLocalizedValidationError, errors: readonly TLocalizedValidationError[]): string {
  if (first.keyword === 'minimum') return `must be at least ${first.params.limit}`
  if (first.keyword === 'maximum') return `must be at most ${first.params.limit}`
  if (first.keyword === 'minLength' && first.params.limit === 1) return 'must not be empty'
  if (first.keyword === 'type') return `must be ${typeWords(first.params.type)}`
  const pattern = first.keyword === 'pattern' ? patternWords(first.params.pattern) : undefined
  if (pattern !== undefined) return pattern
  const allowed = errors.flatMap((error) =>
    error.keyword === 'const' && error.instancePath === first.instancePath ? [String(error.params.allowedValue)] : [],
  )
  if (allowed.length > 0) return `must be one of: ${allowed.join(', ')}`
  return first.message
}

function typeWords(type: string | readonly string[]): string {
  const words: Readonly<Record<string, string>> = {
    integer: 'a whole number',
    number: 'a number',
    string: 'a text',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    null: 'null',
  }
  return [type]
    .flat()
    .map((one) => words[one] ?? one)
    .join(' or ')
}
