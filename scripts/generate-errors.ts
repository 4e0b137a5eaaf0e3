import { join } from 'node:path'
import { errorCodes } from '../src/core/error-codes.ts'

/** Where the page of errors goes, and its text: one section per code of the table, in the order of the alphabet. */
export function generateErrors(): { path: string; text: string } {
  const sections = Object.entries(errorCodes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { what, status, remedy }]) => `## \`${code}\`\n\n${what} (HTTP ${status})\n\n${remedy}\n`)
  const head = [
    '# Errors',
    '',
    'Every error has a code of this list, a sentence that says what happened and where, and a remedy. Over HTTP it is',
    '`{error, code, path, remedy}` with the status given here; the command line prints the same and exits with 2 for a',
    'status of 500 and with 1 otherwise ([exit codes](guide/command-line.md#exit-codes)). This page is generated from the tables of `src/core/error-codes.ts` by `npm run generate`.',
    '',
  ]
  return { path: join(import.meta.dirname, '../docs/errors.md'), text: [...head, ...sections].join('\n') }
}
