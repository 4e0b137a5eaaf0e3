import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'

export interface RotatingOptions {
  /** A line that would make the file longer goes into a new one. */
  readonly mostBytes: number
  /** Files that are kept besides the one that is written to: `path.1` is the newest of them. */
  readonly kept: number
}

/** A file of lines that never grows beyond a size: what was written before is kept in a few files beside it. */
export interface RotatingFile {
  /** Appends a line with its end. A disk that refuses it loses the line, and nobody fails. */
  write(line: string): void
  close(): void
}

/** Opens a file of lines, and goes on at the end of what it holds. */
export function openRotatingFile(path: string, { mostBytes, kept }: RotatingOptions): RotatingFile {
  let file: number | undefined
  let bytes = 0

  function open(): number {
    const opened = openSync(path, 'a', 0o644)
    bytes = fstatSync(opened).size
    return opened
  }

  function rotate(): void {
    if (file !== undefined) closeSync(file)
    file = undefined
    for (let number = kept - 1; number >= 0; number--) {
      const from = number === 0 ? path : `${path}.${number}`
      try {
        renameSync(from, `${path}.${number + 1}`)
      } catch (thrown) {
        // There are not so many yet.
        if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown
      }
    }
  }

  /** What says how the platform fares must not end it. */
  function attempt(work: () => void): void {
    try {
      work()
    } catch {
      // The line is lost, or the file grows beyond its size where nothing else can be moved out of its way.
    }
  }

  // It is there from the beginning, for whoever follows it.
  attempt(() => {
    file = open()
  })
  return {
    write(line) {
      const length = Buffer.byteLength(line)
      attempt(() => {
        file ??= open()
        if (bytes > 0 && bytes + length > mostBytes) {
          attempt(rotate)
          file = open()
        }
        writeSync(file, line)
        bytes += length
      })
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}
