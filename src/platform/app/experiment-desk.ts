import type { ExperimentDesk } from '../api/experiment-desk.ts'
import type { Reading } from './reading/reading.ts'
import type { UnderWay } from './under-way.ts'

/** What is asked of experiments and their runs; the end of the platform waits for it. */
export function createExperimentDesk({
  reading,
  underWay,
}: {
  readonly reading: Pick<Reading, 'ask'>
  readonly underWay: Pick<UnderWay, 'run'>
}): ExperimentDesk {
  const { run } = underWay
  return {
    experiments: (query) => run(() => reading.ask('experiments', query)),
    experiment: (called) => run(() => reading.ask('experiment', called)),
    runs: (query) => run(() => reading.ask('runs', query)),
    run: (called) => run(() => reading.ask('run', called)),
    compare: (called) => run(() => reading.ask('compare', called)),
    histories: (called, key, places) => run(() => reading.ask('histories', called, key, places)),
  }
}
