import process from 'node:process'
import { asTruelineError, type TruelineError } from '../../core/errors.ts'
import { formatTime } from '../../core/time.ts'
import { asCalled } from './called-as.ts'

/** One cell of a printed table; numbers are aligned right. */
export type Cell = string | number | undefined

/** Whoever read the output may have seen enough, as `head` does: then nothing is left to be said, and that is no error. */
export function endQuietlyWithReader(): void {
  if (!process.stdout.listeners('error').includes(endWhenUnread)) process.stdout.on('error', endWhenUnread)
}

function endWhenUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit()
}

/** Data for programs: one object on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** A line for people on stdout; its commands are those that can be typed here. */
export function printLine(text = ''): void {
  process.stdout.write(`${asCalled(text)}\n`)
}

/** A row for people, as JSON with times as such. @param times its columns that are microseconds */
export function rowText(row: Readonly<Record<string, unknown>>, times: readonly string[]): string {
  const shown = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === 'number' && times.includes(name) ? formatTime(value) : value,
  ])
  return JSON.stringify(Object.fromEntries(shown))
}

/** A line for people that is no result: stderr, so that stdout stays data. */
export function printNote(text: string): void {
  process.stderr.write(`${asCalled(text)}\n`)
}

/** A table for people; `-` where there is nothing. */
export function printTable(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const texts = rows.map((row) => row.map((cell) => (cell === undefined ? '-' : String(cell))))
  const widths = head.map((title, column) => Math.max(title.length, ...texts.map((row) => row[column]?.length ?? 0)))
  const rightAligned = head.map((_, column) => rows.some((row) => typeof row[column] === 'number'))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (rightAligned[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd()
  printLine(line(head))
  for (const row of texts) printLine(line(row))
}

/** A number of bytes as a person reads it, such as '41.2 KB'. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1000 ** power).toFixed(1)} ${['', 'KB', 'MB', 'GB'][power]}`
}

/** The error as a person reads it, or as JSON on stdout; returns the exit code: 1 for what can be expected, 2 for a defect. */
export function reportError(thrown: unknown, json: boolean): number {
  const error = asTruelineError(thrown)
  if (json) printJson(error.toJSON())
  else {
    printNote(`error ${error.code}${placeOf(error)}: ${error.message}`)
    printNote(`  ${error.remedy}`)
  }
  if (error.code === 'internal' && process.env['TRUELINE_DEBUG'] !== undefined)
    printNote(String((error.cause as Error)?.stack))
  return error.status === 500 ? 2 : 1
}

/** Where it happened, unless the message says so itself. */
function placeOf({ path, message }: TruelineError): string {
  if (path === undefined || path.split(', ').every((part) => message.includes(part))) return ''
  return ` at ${path}`
}

/** Where progress is shown: a terminal, or what keeps lines. */
interface ProgressOutput {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Milliseconds without a word after which who reads lines, as in a log, is told how far it is. */
const LINE_EVERY = 15_000

/** A progress bar on a terminal once something takes longer than a second; a line now and then anywhere else. */
export function progressBar(
  output: ProgressOutput = process.stderr,
  now: () => number = () => performance.now(),
): { show(done: number, sentence: string): void; end(): void } {
  const started = now()
  const terminal = output.isTTY === true
  let last = terminal ? 0 : started
  return {
    show(done, sentence) {
      const at = now()
      const percent = `${String(Math.round(done * 100)).padStart(3)}%`
      if (!terminal) {
        if (at - last < LINE_EVERY) return
        last = at
        output.write(`${percent}  ${sentence}\n`)
        return
      }
      if (at - started < 1000 || at - last < 100) return
      last = at
      const filled = Math.round(Math.min(1, Math.max(0, done)) * 24)
      const width = (output.columns ?? 80) - 36
      output.write(`\r\x1b[K[${'#'.repeat(filled)}${'.'.repeat(24 - filled)}] ${percent}  ${sentence.slice(0, width)}`)
    },
    end() {
      if (terminal && last > 0) output.write('\r\x1b[K')
    },
  }
}
