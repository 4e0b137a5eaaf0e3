import type { Result } from './check.ts'
import { checks } from './suite.ts'

const WIDTH = Math.max(...checks.map(({ name }) => name.length))

/** A result as a line, and another one where there is something to say of it. */
export function lineOf({ name, says, outcome, because }: Result): string {
  const why = because === undefined ? '' : `\n${' '.repeat(WIDTH + 11)}${because}`
  return `${outcome.padEnd(9)} ${name.padEnd(WIDTH)} ${says}${why}`
}

/** How many checks came out how. */
export function summaryOf(results: readonly Result[]): string {
  const count = (outcome: Result['outcome']) => results.filter((result) => result.outcome === outcome).length
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`
}
