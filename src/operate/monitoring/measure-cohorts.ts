import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { workerUrl } from '../../core/worker-url.ts'
import type { Task } from '../../language/define/task.ts'
import { type CohortFigures, figuresOrFault } from './cohort-metrics.ts'
import type { Cohort } from './label-join.ts'

/** What is to be measured, and by which task. */
export interface CohortsToMeasure {
  readonly task: Task
  readonly cohorts: readonly Pick<Cohort, 'labels' | 'scores'>[]
}

/** Scores that are measured in less time than anybody notices: a thread would take longer to begin. */
const SCORES_AT_ONCE = 4096

/**
 * The figures of cohorts, in their order; of many scores in a thread of its own, so that nobody waits to be served.
 * @param cohorts whose labels and scores stay as they are; those that lie in shared memory are not copied
 * @throws TruelineError `measuring_failed` where the thread could not do it; it may another time
 */
export async function measureCohorts(task: Task, cohorts: readonly Cohort[]): Promise<readonly CohortFigures[]> {
  const total = cohorts.reduce((sum, { scores }) => sum + scores.length, 0)
  if (total <= SCORES_AT_ONCE) return cohorts.map(({ labels, scores }) => figuresOrFault(task, labels, scores))
  const asked: CohortsToMeasure = { task, cohorts: cohorts.map(({ labels, scores }) => ({ labels, scores })) }
  const thread = takeThread()
  const settled = new AbortController()
  try {
    const answer = answerOf(thread, settled.signal)
    thread.postMessage(asked)
    const figures = await Promise.race([answer, endOf(thread, settled.signal)])
    keepThread(thread)
    return figures
  } catch (cause) {
    await thread.terminate()
    const why = asTruelineError(cause).message
    throw new TruelineError('measuring_failed', `The thread that measures outcomes failed: ${why}`, { cause })
  } finally {
    settled.abort()
  }
}

async function answerOf(thread: Worker, signal: AbortSignal): Promise<readonly CohortFigures[]> {
  const [figures] = await once(thread, 'message', { signal })
  return figures as readonly CohortFigures[]
}

/** A thread that is ended says nothing any more. */
async function endOf(thread: Worker, signal: AbortSignal): Promise<never> {
  await once(thread, 'exit', { signal })
  throw new Error('it ended before it had answered.')
}

/** A thread that has nothing to do waits so long for the next cohorts: on a virtual clock they come in a moment. */
const KEPT_MS = 5000

/** The thread that waits. */
let spare: { readonly thread: Worker; readonly end: NodeJS.Timeout } | undefined

function startThread(): Worker {
  const thread = new Worker(workerUrl(import.meta.url, './measure-worker.ts'))
  // One that ends while it waits is asked nothing more.
  thread.once('exit', () => {
    if (spare?.thread !== thread) return
    clearTimeout(spare.end)
    spare = undefined
  })
  return thread
}

function takeThread(): Worker {
  if (spare === undefined) return startThread()
  const { thread, end } = spare
  spare = undefined
  clearTimeout(end)
  thread.ref()
  return thread
}

/** Keeps one thread; it holds up no process that would end. */
function keepThread(thread: Worker): void {
  if (spare !== undefined) {
    void thread.terminate()
    return
  }
  thread.unref()
  const end = setTimeout(() => {
    spare = undefined
    void thread.terminate()
  }, KEPT_MS)
  spare = { thread, end: end.unref() }
}
