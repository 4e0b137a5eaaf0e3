import type { Aggregate } from './aggregate.ts'
import { variance } from './variance.ts'

/** The root of the sample variance. */
export const stddev: Aggregate = { ...variance, finish: (statistics) => Math.sqrt(variance.finish(statistics)) }
