// Sides of benchmarks in processes of their own: neither shares memory, garbage collection or compiled code with the other.
import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { peakMegabytes } from './peak-memory.ts'

/** What a side used up, as its operating system counts it. */
export interface Usage {
  /** Processor time of all threads since the process began, microseconds. */
  readonly cpu: number
  readonly peak_rss_mb: number
}

/** What this process has used up so far. */
export function ownUsage(): Usage {
  const { user, system } = process.cpuUsage()
  return { cpu: user + system, peak_rss_mb: peakMegabytes() }
}

/**
 * Runs a side to its end and gives the JSON that it printed on its last line.
 * @param file in this folder
 * @throws Error with what the side wrote to stderr when it failed
 */
export function runSide<Answer>(file: string, args: readonly string[]): Answer {
  const child = spawnSync(process.execPath, [join(import.meta.dirname, file), ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (child.status !== 0) throw new Error(`${[file, ...args].join(' ')} failed: ${child.stderr}`)
  return JSON.parse(child.stdout.trimEnd().split('\n').at(-1)!) as Answer
}

/** A side that stays up and answers questions, one at a time. */
export interface Side {
  ask<Answer>(question: unknown): Promise<Answer>
  stop(): Promise<void>
}

/** Starts a side that calls `answerQuestions`. */
export function startSide(file: string, args: readonly string[] = []): Side {
  const child: ChildProcess = fork(join(import.meta.dirname, file), args)
  const ended = once(child, 'exit')
  return {
    async ask<Answer>(question: unknown): Promise<Answer> {
      child.send(question as object)
      const answered = once(child, 'message') as Promise<[{ answer: Answer }]>
      const [reply] = await Promise.race([answered, ended.then(([code]) => [{ failed: `${file} ended: ${code}` }])])
      if (reply !== undefined && 'answer' in reply) return reply.answer
      throw new Error(reply === undefined ? `${file} gave no answer` : reply.failed)
    },
    async stop() {
      child.disconnect()
      await ended
    },
  }
}

/** Called in a side: answers what the benchmark asks until the benchmark lets go, then `close` ends what keeps it up. */
export function answerQuestions<Question>(
  answer: (question: Question) => Promise<unknown>,
  close: () => Promise<void>,
): void {
  process.on('message', (question: Question) => {
    answer(question).then((given) => process.send?.({ answer: given }))
  })
  process.on('disconnect', () => {
    close()
  })
}
