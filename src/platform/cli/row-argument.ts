import { TruelineError } from '../../core/errors.ts'
import { whereNoJson } from '../../core/json-fault.ts'

/**
 * A row that is given as text.
 * @param path what holds the text: an argument or a file
 * @throws TruelineError `invalid_arguments` with the place where it is no JSON
 */
export function parseRow(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TruelineError('invalid_arguments', `The row is not JSON.${whereNoJson(text)}`, { path, cause })
  }
}
