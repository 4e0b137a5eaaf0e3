import { parentPort } from 'node:worker_threads'
import { threadGivesWay } from '../../core/give-way.ts'
import { figuresOrFault } from './cohort-metrics.ts'
import type { CohortsToMeasure } from './measure-cohorts.ts'

threadGivesWay()
parentPort!.on('message', ({ task, cohorts }: CohortsToMeasure) => {
  parentPort!.postMessage(cohorts.map(({ labels, scores }) => figuresOrFault(task, labels, scores)))
})
