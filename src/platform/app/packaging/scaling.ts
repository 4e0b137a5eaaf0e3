import type { CapacityAnswer } from '../../api/load-test-answers.ts'

/** How many replicas run, and what each may use. */
export interface Scaling {
  /** Fewest and most replicas. */
  readonly min: number
  readonly max: number
  /** Processor time as a percentage of what is requested, from which on another replica is wanted. */
  readonly utilization: number
  readonly resources: {
    readonly requests: { readonly cpu: string; readonly memory: string }
    readonly limits: { readonly memory: string }
  }
  /** Where the numbers come from, in a sentence. */
  readonly because: string
}

/** One may be taken away at any time. */
const FEWEST = 2
/** Beyond the target, so that a load that was not planned for is answered, too. */
const ROOM = 2

/** What is taken without a measurement: it suits many models, and is none's own. */
const unmeasured: Scaling = {
  ...{ min: FEWEST, max: 10, utilization: 70 },
  resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '2Gi' } },
  because: 'Nothing was measured: these are defaults. Run `trueline loadtest`, and package again with --target.',
}

/** Whoever sends events must know to whom: another replica would answer from none of those before it. */
const alone =
  'One replica, as its features are made from the events that are sent to it, and another one would have none of them.'

/**
 * Replicas and resources by what was measured: as many as the target takes, and up to twice as many. Another one is wanted before
 * the target where one answers more than its share with the headroom left free.
 * @param sent streams whose events have to be sent to each replica: then none is added but by somebody who sends them there, too
 */
export function scalingOf(capacity: CapacityAnswer | undefined, sent: readonly string[] = []): Scaling {
  const isSent = sent.length > 0
  if (capacity === undefined)
    return isSent ? { ...unmeasured, min: 1, max: 1, because: `${alone} ${unmeasured.because}` } : unmeasured
  const { replicas, target, headroom, sustained, cpuAtHeadroom = 0, resources, evidence } = capacity
  const min = Math.max(isSent ? 1 : FEWEST, replicas)
  return {
    ...{ min, max: isSent ? min : ROOM * min },
    ...(resources === undefined
      ? { utilization: unmeasured.utilization, resources: unmeasured.resources }
      : { utilization: utilizationOf(cpuAtHeadroom, resources), resources }),
    because: `Load test ${evidence.number}: one replica sustains ${sustained} requests/s; ${replicas} for ${target} requests/s with ${Math.round(100 * headroom)}% free.`,
  }
}

/** Of cores, as a percentage of what is requested, which is in thousandths of one. */
function utilizationOf(cores: number, { requests }: Scaling['resources']): number {
  return Math.floor(Number(((100_000 * cores) / Number.parseInt(requests.cpu, 10)).toFixed(6)))
}
