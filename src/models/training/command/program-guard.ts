import process from 'node:process'
import { type Program, type ProgramEnd, runProgram } from './run-program.ts'

/** What a guard tells of its program. */
export type GuardMessage =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'progress'; readonly done: number; readonly message: string | undefined }
  | { readonly kind: 'end'; readonly end: ProgramEnd }

/** Progress and lines are told no more often. */
const TELL_MILLISECONDS = 100

/**
 * The process between a training and the program that it runs: it is told what to run, and ends it when its parent is gone,
 * however that went. A training that is killed can end nothing itself.
 */
const gone = new AbortController()
process.once('disconnect', () => gone.abort())
process.once('message', (program: Program) => {
  let told = Number.NEGATIVE_INFINITY
  void runProgram(program, {
    signal: gone.signal,
    onLine,
    onStart: (pid) => tell({ kind: 'started', pid }),
    onProgress(done, message) {
      if (performance.now() - told < TELL_MILLISECONDS) return
      told = performance.now()
      tell({ kind: 'progress', done, message })
    },
  }).then((end) => {
    tellLines()
    tell({ kind: 'end', end })
    if (process.connected) process.disconnect()
  })
})

/** Lines that wait to be told together. */
let lines: string[] = []

function onLine(line: string): void {
  if (lines.length === 0) setTimeout(tellLines, TELL_MILLISECONDS).unref()
  lines.push(line)
}

function tellLines(): void {
  if (lines.length > 0) tell({ kind: 'lines', lines })
  lines = []
}

function tell(message: GuardMessage): void {
  if (process.connected) process.send?.(message)
}
