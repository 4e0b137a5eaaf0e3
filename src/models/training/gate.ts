import type { GateDefinition } from '../../language/define/definitions.ts'
import { pairedBootstrap } from '../../stats/intervals/bootstrap.ts'
import { delongDifference } from '../../stats/intervals/delong.ts'
import type { Estimate } from '../../stats/intervals/estimate.ts'
import { type DifferenceVerdict, judgeDifference } from '../../stats/intervals/judge-difference.ts'
import { metrics } from '../../stats/metrics/metrics.ts'
import { hoursOf, type Judged } from './evaluate.ts'
import { rowsOfGroups, type Segmentation, takeRows } from './segments.ts'

export type Verdict = DifferenceVerdict['verdict']

/** One comparison of the gate: with the baseline, the champion, or the champion on a segment. */
export interface GateCheck {
  readonly against: 'baseline' | 'champion' | 'chance'
  readonly segment?: { readonly column: string; readonly name: string | null; readonly rows: number }
  readonly verdict: Verdict
  readonly reason: string
  readonly difference?: Estimate
}

/** The judgement on a candidate: it may be promoted only with `pass`. */
export interface GateResult {
  readonly verdict: Verdict
  /** One plain sentence. */
  readonly sentence: string
  readonly checks: readonly GateCheck[]
}

/** Scores of the models that a candidate is compared with, on the candidate's own test rows. */
export interface Rivals {
  readonly baseline?: Float64Array
  readonly champion?: Float64Array
  /** Those whose inputs the streams can no longer feed: so nothing can be proved. */
  readonly incomparable: readonly ('baseline' | 'champion')[]
}

const FEWEST_ROWS_OF_A_SEGMENT = 500
/** A segment may be worse by more than the whole may: it is smaller, and there are many. */
const SEGMENT_MARGINS = 5

/**
 * Judges a candidate by intervals on identical rows: better than the baseline, not worse than the champion by more
 * than the margin, and no segment surely worse by five margins (Bonferroni over the segments). Without rivals it must
 * beat chance.
 */
export function judgeCandidate(
  gate: GateDefinition,
  judged: Judged,
  rivals: Rivals,
  segmentations: readonly Segmentation[],
  seed: number,
): GateResult {
  const checks: GateCheck[] = []
  if (rivals.baseline !== undefined)
    checks.push(check('baseline', compare(gate, judged, rivals.baseline, seed), 'superior', 0))
  if (rivals.champion !== undefined) {
    checks.push(check('champion', compare(gate, judged, rivals.champion, seed), 'non-inferior', gate.champion.margin))
    checks.push(...judgeSegments(gate, judged, rivals.champion, segmentations, seed))
  }
  for (const against of rivals.incomparable)
    checks.push({
      against,
      verdict: 'insufficient',
      reason: `The ${against} reads what the streams can no longer feed, so it cannot score these rows.`,
    })
  if (checks.length === 0)
    checks.push(check('chance', compare(gate, judged, chanceScores(judged.labels), seed), 'superior', 0))
  return summarize(gate, checks)
}

function check(
  against: GateCheck['against'],
  difference: Estimate | undefined,
  kind: 'superior' | 'non-inferior',
  margin: number,
): GateCheck {
  const { verdict, reason } = judgeDifference(difference, { kind, margin })
  return { against, verdict, reason, ...(difference === undefined ? {} : { difference }) }
}

/** Candidate minus rival, turned so that above 0 is better. */
function compare(
  gate: GateDefinition,
  judged: Judged,
  rival: Float64Array,
  seed: number,
  confidence = 0.95,
): Estimate | undefined {
  const { labels, scores, times } = judged
  if (gate.metric === 'auc') return delongDifference(labels, scores, rival, confidence)
  const { prepare, better } = metrics[gate.metric]
  const [first, second] = better === 'higher' ? [scores, rival] : [rival, scores]
  const clusters = hoursOf(times)
  return pairedBootstrap(prepare(labels, first), prepare(labels, second), labels.length, { seed, confidence, clusters })
}

function judgeSegments(
  gate: GateDefinition,
  judged: Judged,
  champion: Float64Array,
  segmentations: readonly Segmentation[],
  seed: number,
): GateCheck[] {
  const segments = segmentations.flatMap((segmentation) =>
    rowsOfGroups(segmentation)
      .map((rows, group) => ({ column: segmentation.column, name: segmentation.names[group] ?? null, rows }))
      .filter(({ rows }) => rows.length >= FEWEST_ROWS_OF_A_SEGMENT),
  )
  const confidence = 1 - 0.05 / Math.max(1, segments.length)
  const margin = SEGMENT_MARGINS * gate.champion.margin
  return segments.map(({ column, name, rows }) => {
    const inSegment = {
      labels: takeRows(judged.labels, rows),
      scores: takeRows(judged.scores, rows),
      times: takeRows(judged.times, rows),
    }
    const difference = compare(gate, inSegment, takeRows(champion, rows), seed, confidence)
    return { ...check('champion', difference, 'non-inferior', margin), segment: { column, name, rows: rows.length } }
  })
}

/** A model that knows nothing gives every row the same score. */
function chanceScores(labels: Float64Array): Float64Array {
  let sum = 0
  for (const label of labels) sum += label
  return new Float64Array(labels.length).fill(labels.length === 0 ? 0 : sum / labels.length)
}

/** The whole must pass; a segment stops a candidate only when it surely fails, since small segments prove little. */
function summarize(gate: GateDefinition, checks: readonly GateCheck[]): GateResult {
  const whole = checks.filter((one) => one.segment === undefined)
  const failed = checks.filter((one) => one.verdict === 'fail')
  const worst = failed[0] ?? whole.find((one) => one.verdict === 'insufficient')
  if (worst === undefined) {
    const sentence = whole.map((one) => `${gate.metric} against ${one.against}: ${one.reason}`).join(' ')
    return { verdict: 'pass', sentence, checks }
  }
  const place = worst.segment === undefined ? '' : ` on ${worst.segment.column} ${worst.segment.name ?? '(none)'}`
  return {
    verdict: worst.verdict,
    sentence: `${gate.metric} against ${worst.against}${place}: ${worst.reason}`,
    checks,
  }
}
