import { readFileSync } from 'node:fs'
import { TruelineError } from '../../../core/errors.ts'
import { formatDuration } from '../../../core/time.ts'

/** What a process may take: microseconds of real time, bytes of memory. */
export interface ProcessLimits {
  readonly time?: number
  readonly memory?: number
}

const LOOK_EVERY_MS = 100
/** The heap is what node itself can hold to a limit; typed arrays lie beside it, and are watched from outside. */
const LEAST_HEAP_MB = 64

/** Arguments by which node holds its heap to a limit. */
export function heapArguments({ memory }: ProcessLimits): readonly string[] {
  if (memory === undefined) return []
  return [`--max-old-space-size=${Math.max(LEAST_HEAP_MB, Math.floor(memory / 2 ** 20))}`]
}

/**
 * Ends a process that takes more than it may. Its memory is what it holds of the machine's, as Linux tells; elsewhere only
 * its heap is limited.
 * @returns what ends the watching
 */
export function watchLimits(
  { time, memory }: ProcessLimits,
  pid: number,
  end: (error: TruelineError) => void,
): () => void {
  const timer =
    time === undefined
      ? undefined
      : setTimeout(() => end(timeExceeded(time)), Math.min(2 ** 31 - 1, Math.ceil(time / 1000)))
  const looking =
    memory === undefined
      ? undefined
      : setInterval(() => {
          const held = residentBytes(pid)
          if (held !== undefined && held > memory) end(memoryExceeded(memory, `it held ${megabytes(held)}`))
        }, LOOK_EVERY_MS)
  return () => {
    clearTimeout(timer)
    clearInterval(looking)
  }
}

/** The error of a process that node ended because its heap was full; undefined of any other last words. */
export function heapExceeded({ memory }: ProcessLimits, words: string): TruelineError | undefined {
  if (!words.includes('heap out of memory')) return undefined
  return memory === undefined
    ? new TruelineError('training_memory_exceeded', 'The training ran out of the memory that node has by default.')
    : memoryExceeded(memory, 'its heap was full')
}

function timeExceeded(time: number): TruelineError {
  return new TruelineError('training_time_exceeded', `The training took longer than ${formatDuration(time)}.`, {
    path: 'training.limits.time',
  })
}

function memoryExceeded(memory: number, how: string): TruelineError {
  return new TruelineError(
    'training_memory_exceeded',
    `The training took more memory than ${megabytes(memory)}: ${how}.`,
    { path: 'training.limits.memory' },
  )
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

/** What a process holds of the machine's memory; undefined where the system does not say. */
function residentBytes(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}
