import { UNKNOWN_KEY } from '../../kernel/status.ts'
import { createBins } from '../../stats/histograms/bins.ts'
import { addValues, createHistogram, type Histogram } from '../../stats/histograms/histogram.ts'
import type { EngineGroup } from './feature-engine.ts'

/** What the entities that a group holds would be answered now. */
export interface LiveValues {
  /** t of the reading, microseconds. */
  readonly at: number
  /** How many entities were read: those of the sample of which something is known within the group's horizon. */
  readonly entities: number
  /** Share of them whose value is none, from 0 to 1; 0 where there are none. */
  readonly nullRate: number
  /** The values, in bins of about as many entities each, NaN being none; absent for texts, which have no order as numbers. */
  readonly histogram?: Histogram
}

/** Entities that are read: a few milliseconds. */
const SAMPLE = 1000

/**
 * How the values of a feature are distributed over the entities of its group, by a reading of some of them.
 * @param now microseconds
 */
export function liveValues({ live, knownAt, definition }: EngineGroup, feature: string, now: number): LiveValues {
  const { plan } = live
  const at = Math.max(now, knownAt + 1)
  const index = plan.features.findIndex(({ name }) => name === feature)
  const values = new Float64Array(plan.features.length)
  const statuses = new Uint8Array(plan.features.length)
  const read: number[] = []
  for (const entity of live.sample(SAMPLE)) {
    if (!live.glance(entity, at, values, statuses, 0) || statuses[index] === UNKNOWN_KEY) continue
    read.push(values[index] as number)
  }
  const found = Float64Array.from(read)
  const missing = read.filter(Number.isNaN).length
  const isText = definition.select[feature]?.type === 'string'
  return {
    at,
    entities: read.length,
    nullRate: read.length === 0 ? 0 : missing / read.length,
    ...(isText || missing === read.length ? {} : { histogram: histogramOf(found) }),
  }
}

function histogramOf(values: Float64Array): Histogram {
  const histogram = createHistogram(createBins(values))
  addValues(histogram, values)
  return histogram
}
