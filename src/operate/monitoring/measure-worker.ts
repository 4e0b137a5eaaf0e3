import { parentPort, workerData } from 'node:worker_threads'
import { threadGivesWay } from '../../core/give-way.ts'
import { figuresOrFault } from './cohort-metrics.ts'
import type { CohortsToMeasure } from './measure-cohorts.ts'

threadGivesWay()
const { task, cohorts } = workerData as CohortsToMeasure
parentPort!.postMessage(cohorts.map(({ labels, scores }) => figuresOrFault(task, labels, scores)))
