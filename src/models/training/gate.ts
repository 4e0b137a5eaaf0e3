import type { GateDefinition } from '../../language/define/definitions.ts'
import { delongDifference } from '../../stats/intervals/delong.ts'
import {
  type DifferenceRequirement,
  judgeDifference,
  judgeDifferences,
} from '../../stats/intervals/judge-difference.ts'
import { pairedBootstrap } from '../../stats/intervals/paired-bootstrap.ts'
import { pairedDecisions } from '../../stats/intervals/paired-decisions.ts'
import type { TestedDifference } from '../../stats/intervals/tested-difference.ts'
import { likeliestClasses } from '../../stats/metrics/class-probabilities.ts'
import { metrics } from '../../stats/metrics/metrics.ts'
import { type ResampledMetric, weightedMetric } from '../../stats/metrics/resampled-metric.ts'
import type { BehaviourCheck } from './behaviour/behaviour-check.ts'
import { clustersOf, type Judged, outputsOf } from './evaluate.ts'
import { estimateOf, type GateCheck, type Verdict } from './gate-check.ts'
import { alphaOfLook, type Holdout } from './holdout.ts'
import { judgeSegments } from './judge-segments.ts'
import type { Segmentation } from './segments.ts'

/** The judgement on a candidate: it may be promoted only with `pass`. */
export interface GateResult {
  readonly verdict: Verdict
  /** One plain sentence. */
  readonly sentence: string
  readonly checks: readonly GateCheck[]
  /** What became of the tests of its behaviour. */
  readonly behaviour?: readonly BehaviourCheck[]
  /** Which rows it was judged on, and how often they have been used against the same champion. */
  readonly holdout?: Holdout
}

/** Scores of the models that a candidate is compared with, on the candidate's own test rows; of several classes row by row. */
export interface Rivals {
  readonly baseline?: Float64Array
  readonly champion?: Float64Array
  /** Those whose inputs the streams can no longer feed, or that learnt other classes: so nothing can be proved. */
  readonly incomparable: readonly ('baseline' | 'champion')[]
}

/** What a candidate is judged by, beside its scores. */
export interface GateOptions {
  /** Of the resampling. */
  readonly seed: number
  /** Thresholds of the model's decisions. */
  readonly thresholds?: readonly number[]
  readonly behaviour?: readonly BehaviourCheck[]
  /** Absent: the first look at rows that nothing else is known of. */
  readonly holdout?: Holdout
}

/**
 * Judges a candidate on identical rows: better than the baseline, not worse than the champion by more than the margin,
 * on no segment worse by more than its margin, its decisions right as often, its behaviour as declared. Without rivals it
 * must beat chance. What cannot be proved is insufficient, and a candidate passes only when all is proved.
 *
 * Each comparison is a one-sided test at the level that is left for this look at the rows, and all must pass: so the
 * chance that a candidate passes that is worse by a margin anywhere is at most that level. Rows of one hour, or of one
 * value of the gate's `clusters` column, count as dependent.
 */
export function judgeCandidate(
  gate: GateDefinition,
  judged: Judged,
  rivals: Rivals,
  segmentations: readonly Segmentation[],
  { seed, thresholds = [], behaviour, holdout }: GateOptions,
): GateResult {
  const alpha = holdout?.alpha ?? alphaOfLook(1)
  const compare = (part: Judged, rival: Float64Array) => compareScores(gate.metric, part, rival, seed)
  const check = (against: GateCheck['against'], rival: Float64Array, requirement: DifferenceRequirement): GateCheck => {
    const difference = compare(judged, rival)
    return { against, ...judgeDifference(difference, requirement, alpha), ...estimateOf(difference, alpha) }
  }
  const superior = { kind: 'superior', margin: 0 } as const
  const checks: GateCheck[] = []
  if (rivals.baseline !== undefined) checks.push(check('baseline', rivals.baseline, superior))
  if (rivals.champion !== undefined) {
    checks.push(check('champion', rivals.champion, { kind: 'non-inferior', margin: gate.champion.margin }))
    checks.push(...judgeDecisions(gate, judged, rivals.champion, thresholds, alpha))
    checks.push(...judgeSegments(gate, judged, rivals.champion, segmentations, { alpha, compare }))
  }
  for (const against of rivals.incomparable)
    checks.push({
      against,
      verdict: 'insufficient',
      reason: `The ${against} reads what the streams can no longer feed, or learnt other classes, so it cannot score these rows.`,
    })
  if (checks.length === 0) checks.push(check('chance', chanceScores(judged), superior))
  const { verdict, sentence } = summarize(gate, checks, behaviour ?? [])
  return {
    ...{ verdict, sentence: `${sentence}${lookWords(holdout)}` },
    checks,
    ...(behaviour === undefined ? {} : { behaviour }),
    ...(holdout === undefined ? {} : { holdout }),
  }
}

/** Why the level is another one than for the first candidate that these rows judge. */
function lookWords(holdout: Holdout | undefined): string {
  if (holdout === undefined || holdout.look === 1) return ''
  const level = `${Number((100 * (1 - holdout.alpha)).toFixed(2))}%`
  return ` Each bound is at ${level}, not ${100 * (1 - alphaOfLook(1))}%: this is candidate ${holdout.look} judged on these rows against the same champion, and the more try, the surer each must be.`
}

/** Candidate minus rival, turned so that above 0 is better; rows count by their weights, where they have any. */
function compareScores(
  name: GateDefinition['metric'],
  judged: Judged,
  rival: Float64Array,
  seed: number,
): TestedDifference | undefined {
  const { labels, scores, weights } = judged
  const clusters = clustersOf(judged)
  if (name === 'auc' && weights === undefined) return delongDifference(labels, scores, rival, clusters)
  const { prepare, better } = metrics[name]
  const [first, second] = better === 'higher' ? [scores, rival] : [rival, scores]
  const metricOf = (of: Float64Array): ResampledMetric => weightedMetric(prepare(labels, of), weights)
  return pairedBootstrap(metricOf(first), metricOf(second), labels.length, { seed, clusters })
}

/** Whether decisions are right as often as the champion's, at every threshold that the model decides by, or as its likeliest class. */
function judgeDecisions(
  { decisions: requirement }: GateDefinition,
  judged: Judged,
  champion: Float64Array,
  thresholds: readonly number[],
  alpha: number,
): GateCheck[] {
  if (requirement === undefined) return []
  const clusters = clustersOf(judged)
  const ways = waysToDecide(judged, thresholds)
  const compared = ways.map(({ rightOf }) =>
    pairedDecisions(rightOf(judged.scores), rightOf(champion), {
      clusters,
      ...(judged.weights === undefined ? {} : { weights: judged.weights }),
    }),
  )
  const verdicts = judgeDifferences(
    compared.map(({ difference }) => difference),
    { kind: 'non-inferior', margin: requirement.margin },
    alpha,
  )
  return compared.map(({ onlyCandidate, onlyChampion, mcnemar, difference }, index) => ({
    against: 'champion',
    decisions: {
      ...{ onlyCandidate, onlyChampion, mcnemar },
      ...(ways[index]!.threshold === undefined ? {} : { threshold: ways[index]!.threshold }),
    },
    ...verdicts[index]!,
    ...estimateOf(difference, alpha),
  }))
}

interface WayToDecide {
  /** Absent of several classes. */
  readonly threshold?: number
  /** Of each row 1 where it is decided rightly, else 0. */
  rightOf(scores: Float64Array): Uint8Array
}

/** By each threshold, or of several classes for the likeliest one. */
function waysToDecide({ labels, scores }: Judged, thresholds: readonly number[]): WayToDecide[] {
  const outputs = outputsOf({ labels, scores })
  if (outputs === 1)
    return thresholds.map((threshold) => ({
      threshold,
      rightOf: (of) => Uint8Array.from(of, (score, row) => (score > threshold === (labels[row] === 1) ? 1 : 0)),
    }))
  const rightOf = (of: Float64Array): Uint8Array =>
    Uint8Array.from(likeliestClasses(of, outputs), (place, row) => (place === labels[row] ? 1 : 0))
  return [{ rightOf }]
}

/** A model that knows nothing gives every row the same scores: the mean of the labels, or the share of each class. */
function chanceScores(judged: Judged): Float64Array {
  const { labels } = judged
  const outputs = outputsOf(judged)
  if (outputs > 1) {
    const shares = new Float64Array(outputs)
    for (const label of labels) shares[label]! += 1 / labels.length
    return Float64Array.from(judged.scores, (_, place) => Math.min(1, shares[place % outputs]!))
  }
  let sum = 0
  for (const label of labels) sum += label
  return new Float64Array(labels.length).fill(labels.length === 0 ? 0 : sum / labels.length)
}

/** All must pass: what fails says more than what is not proved. */
function summarize(
  gate: GateDefinition,
  checks: readonly GateCheck[],
  behaviour: readonly BehaviourCheck[],
): Pick<GateResult, 'verdict' | 'sentence'> {
  const misbehaved = behaviour.find(({ verdict }) => verdict === 'fail')
  if (misbehaved !== undefined) return { verdict: 'fail', sentence: misbehaved.sentence }
  const counted = checks.filter(({ verdict, segment }) => verdict === 'fail' || segment?.pooled === undefined)
  // A group by its name says more than those that are judged together.
  const named = counted.toSorted((a, b) => Number(isPool(a)) - Number(isPool(b)))
  const worst =
    named.find(({ verdict }) => verdict === 'fail') ?? named.find(({ verdict }) => verdict === 'insufficient')
  if (worst !== undefined) return { verdict: worst.verdict, sentence: sentenceOf(gate, worst) }
  const whole = counted.filter(({ segment }) => segment === undefined)
  return { verdict: 'pass', sentence: whole.map((one) => sentenceOf(gate, one)).join(' ') }
}

function isPool({ segment }: GateCheck): boolean {
  return segment?.groups !== undefined
}

function sentenceOf(gate: GateDefinition, { against, segment, decisions, reason }: GateCheck): string {
  if (decisions !== undefined)
    return `right ${decisions.threshold === undefined ? 'classes' : `decisions at ${decisions.threshold}`} against ${against} (McNemar p ${decisions.mcnemar.pValue.toPrecision(2)}): ${reason}`
  if (segment === undefined) return `${gate.metric} against ${against}: ${reason}`
  const name = segment.groups === undefined ? (segment.name ?? '(none)') : `(${segment.groups} small groups)`
  return `${gate.metric} against ${against} on ${segment.column} ${name}: ${reason}`
}
