const FIRST_LINES = 500
const LAST_LINES = 500

/** What a program said: its first lines and its last ones, however much lies between. */
export interface ProgramLog {
  readonly first: readonly string[]
  /** Lines between the first and the last ones. */
  readonly leftOut: number
  readonly last: readonly string[]
}

/** Takes the lines of a program. */
interface ProgramLogWriter {
  add(line: string): void
  /** No more lines come. */
  end(): void
  log(): ProgramLog
}

/**
 * Keeps what a program says, in bounded memory.
 * @param onLine told of each line that is kept, as soon as that is certain
 */
export function createProgramLog(onLine: (line: string) => void): ProgramLogWriter {
  const first: string[] = []
  const last: string[] = []
  let lines = 0
  return {
    add(line) {
      lines += 1
      if (first.length < FIRST_LINES) {
        first.push(line)
        onLine(line)
      } else last[(lines - FIRST_LINES - 1) % LAST_LINES] = line
    },
    end() {
      for (const line of linesOf(log()).slice(first.length)) onLine(line)
    },
    log,
  }

  function log(): ProgramLog {
    const begin = last.length < LAST_LINES ? 0 : (lines - FIRST_LINES) % LAST_LINES
    return {
      first: [...first],
      leftOut: lines - first.length - last.length,
      last: [...last.slice(begin), ...last.slice(0, begin)],
    }
  }
}

/** A log as a text; what is left out is a line that says so. */
export function logText(log: ProgramLog): string {
  return linesOf(log)
    .map((line) => `${line}\n`)
    .join('')
}

function linesOf({ first, leftOut, last }: ProgramLog): readonly string[] {
  return [...first, ...(leftOut === 0 ? [] : [`... ${leftOut} lines are left out ...`]), ...last]
}

/** The last lines of a log. */
export function lastLines({ first, last }: ProgramLog, count: number): readonly string[] {
  return [...first, ...last].slice(-count)
}
