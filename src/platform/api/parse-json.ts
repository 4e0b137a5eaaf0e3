import { TruelineError } from '../../core/errors.ts'
import { whereNoJson } from '../../core/json-fault.ts'

/** Parses JSON, or a part of a body as an array of its own: `before` is then the body up to that part. */
export type JsonParser = (text: string, before?: Buffer) => unknown

/**
 * A parser of what a request holds.
 * @returns one that throws TruelineError `invalid_request` with the place of the fault, and nothing of the text
 */
export function jsonParser(reviver?: (key: string, value: unknown) => unknown): JsonParser {
  return (text, before) => {
    try {
      return JSON.parse(text, reviver)
    } catch (cause) {
      throw new TruelineError('invalid_request', `The body is not valid JSON.${whereNoJson(text, before)}`, { cause })
    }
  }
}
