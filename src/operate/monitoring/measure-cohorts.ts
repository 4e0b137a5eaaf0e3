import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { workerUrl } from '../../core/worker-url.ts'
import type { Task } from '../../language/define/task.ts'
import { type CohortFigures, measureCohort } from './cohort-metrics.ts'
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
 * @param cohorts whose labels and scores are taken over: they are not to be read afterwards
 */
export async function measureCohorts(task: Task, cohorts: readonly Cohort[]): Promise<readonly CohortFigures[]> {
  const total = cohorts.reduce((sum, { scores }) => sum + scores.length, 0)
  if (total <= SCORES_AT_ONCE) return cohorts.map(({ labels, scores }) => measureCohort(task, labels, scores))
  const given = cohorts.map(({ labels, scores }) => ({ labels, scores }))
  const workerData: CohortsToMeasure = { task, cohorts: given }
  const transferList = given.flatMap(({ labels, scores }) => [
    labels.buffer as ArrayBuffer,
    scores.buffer as ArrayBuffer,
  ])
  const worker = new Worker(workerUrl(import.meta.url, './measure-worker.ts'), { workerData, transferList })
  try {
    const [figures] = await once(worker, 'message')
    return figures as readonly CohortFigures[]
  } finally {
    await worker.terminate()
  }
}
