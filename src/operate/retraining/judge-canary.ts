import type { GateDefinition } from '../../language/define/definitions.ts'
import { delongDifference } from '../../stats/intervals/delong.ts'
import { type DifferenceVerdict, judgeDifference } from '../../stats/intervals/judge-difference.ts'
import { pairedBootstrap } from '../../stats/intervals/paired-bootstrap.ts'
import { metrics } from '../../stats/metrics/metrics.ts'

/** Scores of a promoted version and of the one before it, on the same rows, whose outcomes are known. */
export interface CanaryRows {
  /** Of several classes the number of one. */
  readonly labels: Float64Array
  /** Of several classes row by row, of each one; so are those before. */
  readonly scores: Float64Array
  readonly previous: Float64Array
  /** Rows that depend on each other share a number, counted from 0: those of one hour. */
  readonly clusters: Uint32Array
}

/** The chance that a version that is as good is taken back, over all looks at it. */
const ALPHA = 0.05
const SEED = 1

/**
 * Judges whether a promoted version is not worse than the one before it by more than a margin: `fail` when it surely is,
 * `pass` when it surely is not, `insufficient` while that cannot be said.
 * @param looks how often it is judged at most; the chance of an error is spread over them
 */
export function judgeCanary(
  metric: GateDefinition['metric'],
  { labels, scores, previous, clusters }: CanaryRows,
  margin: number,
  looks: number,
): DifferenceVerdict {
  const requirement = { kind: 'non-inferior', margin } as const
  const alpha = ALPHA / looks
  if (metric === 'auc') return judgeDifference(delongDifference(labels, scores, previous, clusters), requirement, alpha)
  const { prepare, better } = metrics[metric]
  const [first, second] = better === 'higher' ? [scores, previous] : [previous, scores]
  const options = { seed: SEED, clusters }
  const difference = pairedBootstrap(prepare(labels, first), prepare(labels, second), labels.length, options)
  return judgeDifference(difference, requirement, alpha)
}
