import type { StatisticAggregate } from './aggregate.ts'
import { variance } from './variance.ts'

/** The root of the sample variance. */
export const stddev: StatisticAggregate = {
  ...variance,
  finish: (statistics, parameters) => Math.sqrt(variance.finish(statistics, parameters)),
}
