import { digestOfJson } from '../../core/digest.ts'
import type { TruelineError } from '../../core/errors.ts'
import { invalid } from './limits.ts'

/** What a page ends with: where the next one goes on. */
export type Place = readonly (string | number | null)[]

const MARK_LENGTH = 12

/**
 * A token for the page after a place. It holds the place and a mark of what was asked, so that it is not taken for
 * another question.
 * @param question what was asked, plain JSON data
 */
export function encodeToken(question: unknown, place: Place): string {
  return Buffer.from(JSON.stringify([markOf(question), ...place])).toString('base64url')
}

/**
 * The place that a token stands for.
 * @throws TruelineError `invalid_parameter` when it is none, or was given for another question
 */
export function decodeToken(token: string, question: unknown): Place {
  const [mark, ...place] = parse(token)
  if (mark !== markOf(question))
    throw invalid('page_token', 'Invalid page token: it is of a search with another filter, order or place.')
  return place
}

function parse(token: string): Place {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    if (Array.isArray(parsed) && parsed.every(isPart)) return parsed
  } catch {
    // What is no JSON is no token either.
  }
  throw unfittingToken()
}

/** What is said of a token that stands for no place. */
export function unfittingToken(): TruelineError {
  return invalid('page_token', 'Invalid page token: it is not one that a page gave.')
}

function isPart(part: unknown): part is Place[number] {
  return part === null || typeof part === 'string' || typeof part === 'number'
}

function markOf(question: unknown): string {
  return digestOfJson(question).slice('sha256:'.length, 'sha256:'.length + MARK_LENGTH)
}
