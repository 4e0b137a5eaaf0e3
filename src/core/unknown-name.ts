import type { ErrorCode } from './error-codes.ts'
import { TruelineError } from './errors.ts'
import { nearestName } from './nearest-name.ts'

const MOST_NAMES = 20

/**
 * The error for a name that nothing has: with the one most likely meant, and those that there are.
 * @param what kind of thing, such as 'stream'
 * @example unknownName('unknown_stream', 'stream', 'order', ['orders', 'returns'])
 * // There is no stream 'order'. Did you mean 'orders'?  There are: orders, returns.
 */
export function unknownName(code: ErrorCode, what: string, name: string, names: readonly string[]): TruelineError {
  const near = nearestName(name, names)
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  return new TruelineError(code, `There is no ${what} '${name}'.${hint}`, {
    path: name,
    ...(names.length === 0
      ? {}
      : { remedy: `There are: ${names.slice(0, MOST_NAMES).join(', ')}${more}.${unexported(code)}` }),
  })
}

/** A model of the project file that nothing exports is no part of the project, and nothing else tells of it. */
function unexported(code: ErrorCode): string {
  return code === 'unknown_model' ? ' Another one of the project file is there once the file exports it.' : ''
}
