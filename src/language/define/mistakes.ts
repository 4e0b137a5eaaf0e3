import type { ErrorCode } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'

/** Collects the mistakes of one definition, so that all are reported together. */
export interface Mistakes {
  /** Reports a mistake at a place inside the definition, such as `key` or `select.mean_delay`. */
  add(code: ErrorCode, place: string, message: string, remedy?: string): void
  /** Runs a check that throws; what it throws is reported at the place. Returns what the check gives. */
  attempt<Result>(place: string, check: () => Result): Result | undefined
  /** Reports that a name is not among those there are, with the nearest one; returns whether it is. */
  known(code: ErrorCode, place: string, what: string, name: string, names: readonly string[]): boolean
}

/**
 * Mistakes of one definition, added to a list.
 * @param definition such as `features 'origin_delays'`
 */
export function mistakesOf(definition: string, list: TruelineError[]): Mistakes {
  const report = (error: TruelineError, place: string): void => {
    const path = place === '' ? definition : `${definition}, ${place}`
    list.push(
      new TruelineError(error.code, `${path}: ${error.message}`, { path, remedy: error.remedy, cause: error.cause }),
    )
  }
  const add: Mistakes['add'] = (code, place, message, remedy) =>
    report(new TruelineError(code, message, remedy === undefined ? {} : { remedy }), place)
  return {
    add,
    attempt(place, check) {
      try {
        return check()
      } catch (thrown) {
        if (!(thrown instanceof TruelineError)) throw thrown
        report(thrown, place)
        return undefined
      }
    },
    known(code, place, what, name, names) {
      if (names.includes(name)) return true
      const nearest = nearestName(name, names)
      const all = names.length === 0 ? `There is no ${what} at all.` : `There are: ${names.join(', ')}.`
      add(code, place, `There is no ${what} '${name}'.`, nearest === undefined ? all : `Did you mean '${nearest}'?`)
      return false
    },
  }
}
