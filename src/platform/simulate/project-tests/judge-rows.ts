import type { ExpectedOutcome } from '../../../language/define/scenario.ts'
import type { TakenRow } from './deliver-rows.ts'
import type { TestFailure } from './test-result.ts'

const MOST_ROWS_SHOWN = 5

/** What is not as a test expects it of the rows given to a stream. */
export function outcomeFailures(
  { stream, accepted = 1, rejected }: ExpectedOutcome,
  rows: readonly TakenRow[],
): TestFailure[] {
  const what = `rows of ${stream}`
  if (rejected !== undefined) {
    const expected = typeof rejected === 'string' ? rows.map(() => rejected) : rejected
    const actual = rows.map(({ code = 'accepted' }) => code)
    if (JSON.stringify(actual) === JSON.stringify(expected)) return []
    return [
      { what, expected, actual, because: rowsShown(rows.filter((_, index) => actual[index] !== expected[index])) },
    ]
  }
  const refused = rows.filter(({ code }) => code !== undefined)
  const count = rows.length - refused.length
  if (rows.length > 0 && count / rows.length >= accepted) return []
  const expected = accepted === 1 ? 'all accepted' : `at least ${(accepted * 100).toFixed(2)}% accepted`
  return [{ what, expected, actual: `${count} of ${rows.length} accepted`, because: rowsShown(refused) }]
}

/** Rows that are only there to make features of must be accepted. */
export function refusalFailures(rows: readonly TakenRow[]): TestFailure[] {
  const refused = rows.filter(({ code }) => code !== undefined)
  if (refused.length === 0) return []
  const streams = [...new Set(refused.map(({ stream }) => stream))].join(', ')
  const actual = `${refused.length} rejected`
  return [{ what: `rows given to ${streams}`, expected: 'accepted', actual, because: rowsShown(refused) }]
}

function rowsShown(rows: readonly TakenRow[]): string[] {
  const shown = rows
    .slice(0, MOST_ROWS_SHOWN)
    .map(({ code = 'accepted', reason = '', row }) =>
      [`${code}:`, reason, row ?? ''].filter((part) => part !== '').join(' '),
    )
  return rows.length > shown.length ? [...shown, `and ${rows.length - shown.length} more`] : shown
}
