import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { workerUrl } from '../../core/worker-url.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { type ReplayPart, type ReplayRange, rangesOf, replaySteps } from './replay-part.ts'
import type { ReplayWork } from './replay-worker.ts'

/** The calling thread and others that answer a replay's questions, each about entities of its own. */
export interface ReplayThreads {
  /** Replays a part: the same bits for any number of threads. */
  replay(part: ReplayPart, dictionary: Dictionary): Promise<void>
  /** Ends the others. */
  stop(): Promise<void>
}

/** Fewer rows than this are answered before a thread has started. */
const FEWEST_ROWS_OF_A_THREAD = 150_000

/** What the calling thread does of a part that nothing is in: it writes a file without rows, where files are wanted. */
const NO_RANGE: ReplayRange = { index: 0, from: 0, to: 0 }

/**
 * Starts the threads of a replay: those that its questions alone are worth get ready while rows are being read.
 * @param questions there are
 * @param threads most that work at once, the calling one among them
 * @param questionsAtOnce that the calling one answers from one turn of its event loop to the next; as many as fit into its
 *   cache unless given
 */
export function startReplayThreads(questions: number, threads: number, questionsAtOnce?: number): ReplayThreads {
  const others: ReplayThread[] = []

  /** How many threads rows are worth, which are there when it returns. */
  function threadsFor(rows: number): number {
    const worth = Math.max(1, Math.min(threads, Math.floor(rows / FEWEST_ROWS_OF_A_THREAD)))
    while (others.length < worth - 1) others.push(startThread())
    return worth
  }

  threadsFor(questions)
  return {
    async replay(part, dictionary) {
      const [own = NO_RANGE, ...ranges] = rangesOf(part, threadsFor(part.events.count + part.queries.count))
      const texts = Array.from({ length: dictionary.size }, (_, code) => dictionary.decode(code))
      const finished = Promise.all(ranges.map((range, index) => others[index]!.replay({ part, range, texts })))
      // Looked at only after the own range is done; until then a failure must not count as unhandled.
      finished.catch(() => undefined)
      for (const _ of replaySteps(part, own, dictionary, questionsAtOnce)) await setImmediate()
      await finished
    },
    async stop() {
      await Promise.all(others.map((thread) => thread.stop()))
    },
  }
}

interface ReplayThread {
  /** @throws Error that ended the thread, now or before */
  replay(work: ReplayWork): Promise<void>
  stop(): Promise<unknown>
}

function startThread(): ReplayThread {
  const worker = new Worker(workerUrl(import.meta.url, './replay-worker.ts'), { execArgv: [] })
  const failure = new Promise<never>((_, reject) => worker.once('error', reject))
  failure.catch(() => undefined)
  return {
    async replay(work) {
      worker.postMessage(work)
      await Promise.race([failure, once(worker, 'message')])
    },
    stop: () => worker.terminate(),
  }
}
