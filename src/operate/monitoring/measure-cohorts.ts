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
  const workerData: CohortsToMeasure = { task, cohorts: cohorts.map(({ labels, scores }) => ({ labels, scores })) }
  const worker = new Worker(workerUrl(import.meta.url, './measure-worker.ts'), { workerData })
  try {
    return await Promise.race([answerOf(worker), endOf(worker)])
  } catch (cause) {
    const why = asTruelineError(cause).message
    throw new TruelineError('measuring_failed', `The thread that measures outcomes failed: ${why}`, { cause })
  } finally {
    await worker.terminate()
  }
}

async function answerOf(worker: Worker): Promise<readonly CohortFigures[]> {
  const [figures] = await once(worker, 'message')
  return figures as readonly CohortFigures[]
}

/** A thread that is ended says nothing any more. */
async function endOf(worker: Worker): Promise<never> {
  await once(worker, 'exit')
  throw new Error('it ended before it had answered.')
}
