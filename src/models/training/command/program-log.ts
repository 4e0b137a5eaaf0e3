const FIRST_LINES = 500
const LAST_LINES = 500

/** What a program said: its first lines and its last ones, however much lies between. */
export interface ProgramLog {
  readonly first: readonly string[]
  /** Lines between the first and the last ones. */
  readonly leftOut: number
  readonly last: readonly string[]
}

/** Keeps what a program says, in bounded memory. */
export function createProgramLog(): { add(line: string): void; log(): ProgramLog } {
  const first: string[] = []
  const last: string[] = []
  let lines = 0
  return {
    add(line) {
      lines += 1
      if (first.length < FIRST_LINES) first.push(line)
      else last[(lines - FIRST_LINES - 1) % LAST_LINES] = line
    },
    log() {
      const begin = last.length < LAST_LINES ? 0 : (lines - FIRST_LINES) % LAST_LINES
      return {
        first: [...first],
        leftOut: lines - first.length - last.length,
        last: [...last.slice(begin), ...last.slice(0, begin)],
      }
    },
  }
}

/** A log as a text; what is left out is a line that says so. */
export function logText({ first, leftOut, last }: ProgramLog): string {
  const between = leftOut === 0 ? [] : [`... ${leftOut} lines are left out ...`]
  return [...first, ...between, ...last].map((line) => `${line}\n`).join('')
}

/** The last lines of a log. */
export function lastLines({ first, last }: ProgramLog, count: number): readonly string[] {
  return [...first, ...last].slice(-count)
}
