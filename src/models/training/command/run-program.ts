import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { outputLines, plainLine } from './output-lines.ts'
import { MARK, type ProcessTree, processTree } from './process-tree.ts'
import { createProgramLog, type ProgramLog } from './program-log.ts'

/** A program that is to be run; plain data. */
export interface Program {
  /** The program and its arguments. */
  readonly words: readonly string[]
  /** The folder that it runs in. */
  readonly folder: string
  /** All variables that it gets. */
  readonly environment: Readonly<Record<string, string>>
  /** Something that no other program has been given. */
  readonly mark: string
  /** How long it may run, and how long it may take to end when it is told to. */
  readonly seconds: number
  readonly graceSeconds: number
  /** What it and all that it has started may take of memory. */
  readonly bytes: number
}

/** How a program ended. */
export interface ProgramEnd {
  readonly end:
    | { readonly kind: 'exited'; readonly code: number }
    | { readonly kind: 'killed'; readonly signal: string }
    /** It could not be started: the code of the system, such as `ENOENT`. */
    | { readonly kind: 'unstarted'; readonly code: string; readonly message: string }
    /** It was ended: its time was over, it took too much memory, or it was not wanted any more. */
    | { readonly kind: 'time' | 'memory' | 'stopped' }
  readonly seconds: number
  /** The most that was seen, bytes; absent where the system does not say. */
  readonly peakMemory?: number
  /** Processes that it had left behind, and that were ended. */
  readonly leftBehind: number
  readonly log: ProgramLog
}

export interface ProgramWatch {
  /** Ends it. */
  readonly signal: AbortSignal
  /** Told the program's number once it runs. */
  readonly onStart?: (pid: number) => void
  /** Told of all other lines, the first ones as they come; of a flood only how many lines were left out and the last ones, when it is over. */
  readonly onLine: (line: string) => void
  /** Told of lines such as `{"progress": 0.4, "message": "fitting"}`, which are no part of the log. */
  readonly onProgress: (done: number, message: string | undefined) => void
}

/** How often memory is looked at; more seldom where a look takes long. */
const LOOK_MILLISECONDS = 200
const PARTS_OF_TIME = 20
const STEP_MILLISECONDS = 20
const MOST_MESSAGE = 200
/** How often to look whether something comes through the pipes once nobody is left to write, and how many times. */
const DRAIN_MILLISECONDS = 50
const LOOKS_IN_VAIN = 10
const MOST_LOOKS = 200

/**
 * Runs a program to its end, within its limits. Whatever becomes of it, nothing that it has started is left when this resolves:
 * who has to go is told by SIGTERM, and gone by SIGKILL. Without /proc, memory is not watched, and only its group is ended.
 */
export function runProgram(
  program: Program,
  { signal, onStart, onLine, onProgress }: ProgramWatch,
): Promise<ProgramEnd> {
  const started = performance.now()
  const kept = createProgramLog(onLine)
  const [file = '', ...words] = program.words
  return new Promise((resolve) => {
    const child = spawn(file, words, {
      cwd: program.folder,
      env: { ...program.environment, [MARK]: program.mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      // At the head of a group of its own, so that all of the group can be ended.
      detached: true,
    })
    const seconds = (): number => (performance.now() - started) / 1000
    if (child.pid === undefined) {
      child.on('error', (cause: NodeJS.ErrnoException) => {
        const end = { kind: 'unstarted', code: cause.code ?? '', message: cause.message } as const
        resolve({ end, seconds: seconds(), leftBehind: 0, log: kept.log() })
      })
      return
    }
    onStart?.(child.pid)
    const tree = processTree(child.pid, program.mark)
    const streams = [child.stdout, child.stderr]
    const said = streams.map((stream) => {
      const lines = outputLines((line) => {
        const told = stream === child.stdout ? progressIn(line) : undefined
        if (told === undefined) kept.add(line)
        else onProgress(told.done, told.message)
      })
      stream.on('data', (bytes: Buffer) => lines.take(bytes))
      return lines
    })
    preferToEnd(child.pid)

    let reason: 'time' | 'memory' | 'stopped' | undefined
    let peakMemory: number | undefined
    function stop(why: 'time' | 'memory' | 'stopped'): void {
      if (reason !== undefined) return
      reason = why
      void endTree(tree, program.graceSeconds, () => child.exitCode !== null || child.signalCode !== null)
    }
    const stopWanted = (): void => stop('stopped')
    signal.addEventListener('abort', stopWanted)
    if (signal.aborted) stopWanted()
    const clock = setTimeout(() => stop('time'), program.seconds * 1000)
    let look = setTimeout(watch, LOOK_MILLISECONDS)
    function watch(): void {
      const before = performance.now()
      const memory = tree.memory(program.bytes)
      if (memory === undefined) return
      // One that has ended already holds none.
      if (memory > 0) peakMemory = Math.max(peakMemory ?? 0, memory)
      if (memory > program.bytes) stop('memory')
      else look = setTimeout(watch, Math.max(LOOK_MILLISECONDS, PARTS_OF_TIME * (performance.now() - before)))
    }

    child.on('exit', async (code, killed) => {
      const took = seconds()
      clearTimeout(clock)
      clearTimeout(look)
      signal.removeEventListener('abort', stopWanted)
      const leftBehind = (tree.members() ?? []).length
      await endTree(tree, program.graceSeconds, () => true)
      await drained(streams)
      for (const stream of streams) stream.destroy()
      // A pipe is closed some time before it tells so: whoever waited for that would lose what came after the last end of a line.
      for (const lines of said) lines.end()
      kept.end()
      resolve({
        end:
          reason !== undefined
            ? { kind: reason }
            : killed === null
              ? { kind: 'exited', code: code ?? 0 }
              : { kind: 'killed', signal: killed },
        ...{ seconds: took, leftBehind, log: kept.log() },
        ...(peakMemory === undefined ? {} : { peakMemory }),
      })
    })
  })
}

/** Resolves when all has come through the pipes, or nothing more comes: somebody else may hold them open. */
async function drained(streams: readonly Readable[]): Promise<void> {
  let heard = 0
  for (const stream of streams)
    stream.on('data', (bytes: Buffer) => {
      heard += bytes.length
    })
  const closed = Promise.allSettled(streams.map((stream) => (stream.closed ? undefined : once(stream, 'close'))))
  let inVain = 0
  // Counted in looks, as this process may be kept from reading for longer than a look takes.
  for (let look = 0; look < MOST_LOOKS && inVain < LOOKS_IN_VAIN; look += 1) {
    const before = heard
    await Promise.race([closed, wait(DRAIN_MILLISECONDS, undefined, { ref: false })])
    if (streams.every((stream) => stream.closed)) return
    inVain = heard > before ? 0 : inVain + 1
  }
}

/**
 * Ends all of a tree: politely, and then not.
 * @param isOver whether the program itself has ended: all that is known where processes are not listed
 */
async function endTree(tree: ProcessTree, graceSeconds: number, isOver: () => boolean): Promise<void> {
  const isGone = (): boolean => tree.members()?.length === 0 || (tree.members() === undefined && isOver())
  tree.signal('SIGTERM')
  for (let waited = 0; waited < 1000 * graceSeconds && !isGone(); waited += STEP_MILLISECONDS)
    await wait(STEP_MILLISECONDS)
  // More than once: one of them may have started another one in between.
  for (let times = 0; times < 5; times += 1) {
    tree.signal('SIGKILL')
    if (isGone()) return
    await wait(STEP_MILLISECONDS)
  }
}

/** Tells Linux which process to end when the machine runs out of memory between two looks: never the platform. */
function preferToEnd(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000')
  } catch {
    // Not Linux, or not allowed: the limit is watched all the same.
  }
}

function progressIn(line: string): { readonly done: number; readonly message: string | undefined } | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const { progress, message } = JSON.parse(line) as { readonly progress?: unknown; readonly message?: unknown }
    if (typeof progress !== 'number' || !(progress >= 0 && progress <= 1)) return undefined
    return {
      done: progress,
      message: typeof message === 'string' ? plainLine(message).slice(0, MOST_MESSAGE) : undefined,
    }
  } catch {
    // A line that only looks like one.
    return undefined
  }
}
