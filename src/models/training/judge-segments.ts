import type { GateDefinition } from '../../language/define/definitions.ts'
import { normalQuantile } from '../../stats/distributions.ts'
import { judgeDifferences } from '../../stats/intervals/judge-difference.ts'
import type { TestedDifference } from '../../stats/intervals/tested-difference.ts'
import { type Judged, outputsOf } from './evaluate.ts'
import { estimateOf, type GateCheck, type GateSegment } from './gate-check.ts'
import { rowsOfGroups, type Segmentation, takeRows } from './segments.ts'

/** Groups with fewer rows are judged together. */
const FEWEST_ROWS_OF_A_SEGMENT = 500
/** A segment may be worse by more than the whole may: it is smaller, and there are many. */
const SEGMENT_MARGINS = 5
/** If the models are alike everywhere, the segments that must prove it do so in this share of trainings at least. */
const PLANNED_POWER = 0.8

export interface SegmentOptions {
  readonly alpha: number
  readonly compare: (part: Judged, rival: Float64Array) => TestedDifference | undefined
}

interface ComparedSegment {
  readonly segment: GateSegment
  readonly rows: Uint32Array
  readonly difference: TestedDifference | undefined
}

/**
 * Judges a candidate group by group against the champion: on none may it be worse by more than the margin of segments.
 * The chance that any group passes wrongly, and that any fails wrongly, is at most alpha (Holm).
 *
 * Where the gate says from how many rows on a group must prove itself, each of these has to. Otherwise those must that
 * can: whose error is small enough that all of them would pass, were the models alike, in 80% of trainings. The others
 * are judged together, and one by one only in so far as they can fail.
 */
export function judgeSegments(
  gate: GateDefinition,
  judged: Judged,
  champion: Float64Array,
  segmentations: readonly Segmentation[],
  { alpha, compare }: SegmentOptions,
): GateCheck[] {
  const margin = gate.segmentMargin ?? SEGMENT_MARGINS * gate.champion.margin
  const compareRows = (segment: Omit<GateSegment, 'rows'>, rows: Uint32Array): ComparedSegment => ({
    segment: { ...segment, rows: rows.length },
    ...{ rows, difference: compare(partOf(judged, rows), takeRows(champion, rows, outputsOf(judged))) },
  })
  const groups = segmentations.flatMap((segmentation) =>
    rowsOfGroups(segmentation).map((rows, group) => ({
      ...{ column: segmentation.column, name: segmentation.names[group] ?? null, rows },
    })),
  )
  const least = gate.segmentRows ?? FEWEST_ROWS_OF_A_SEGMENT
  const alone = groups
    .filter(({ rows }) => rows.length >= least)
    .map(({ column, name, rows }) => compareRows({ column, name }, rows))
  const proving = gate.segmentRows === undefined ? ableToProve(alone, margin, alpha) : new Set(alone)
  const pooled = gate.segmentRows === undefined ? pools(groups, proving, least, compareRows) : []
  const others = ableToProve(pooled, margin, alpha, proving.size)
  const judgedAlone = [...alone.filter((one) => proving.has(one)), ...others]
  const weak = [...alone, ...pooled].filter((one) => !proving.has(one) && !others.has(one))
  const requirement = { kind: 'non-inferior', margin } as const
  const verdicts = judgeDifferences(
    judgedAlone.map(({ difference }) => difference),
    requirement,
    alpha,
  )
  const failing = judgeDifferences(
    [...judgedAlone, ...weak].map(({ difference }) => difference),
    requirement,
    alpha,
  ).slice(judgedAlone.length)
  return [
    ...judgedAlone.map(({ segment, difference }, index): GateCheck => {
      return { against: 'champion', segment, ...verdicts[index]!, ...estimateOf(difference, alpha) }
    }),
    ...weak.map(({ segment, difference }, index): GateCheck => {
      return {
        against: 'champion',
        segment: { ...segment, pooled: true },
        ...failing[index]!,
        ...estimateOf(difference, alpha),
      }
    }),
  ]
}

/** The groups of each column that do not stand for themselves, as one. */
function pools(
  groups: readonly { readonly column: string; readonly name: string | null; readonly rows: Uint32Array }[],
  proving: ReadonlySet<ComparedSegment>,
  least: number,
  compareRows: (segment: Omit<GateSegment, 'rows'>, rows: Uint32Array) => ComparedSegment,
): ComparedSegment[] {
  const standing = new Set([...proving].map(({ rows }) => rows))
  return [...new Set(groups.map(({ column }) => column))].flatMap((column) => {
    const small = groups.filter((one) => one.column === column && !standing.has(one.rows))
    const count = small.reduce((sum, { rows }) => sum + rows.length, 0)
    if (small.length < 2 || count < least) return []
    const rows = new Uint32Array(count)
    let filled = 0
    for (const one of small) {
      rows.set(one.rows, filled)
      filled += one.rows.length
    }
    rows.sort()
    return [compareRows({ column, name: null, groups: small.length }, rows)]
  })
}

/**
 * As many of the segments, those with the smallest errors first, as can all prove that they are not worse: at the level
 * that is left to each, with the power that makes up the planned one for all.
 *
 * @param besides how many others are judged with them
 */
function ableToProve(
  segments: readonly ComparedSegment[],
  margin: number,
  alpha: number,
  besides = 0,
): ReadonlySet<ComparedSegment> {
  const known = segments.filter(({ difference }) => difference !== undefined)
  const ascending = known.toSorted((a, b) => a.difference!.standardError - b.difference!.standardError)
  let able = 0
  for (const [index, { difference }] of ascending.entries()) {
    const many = besides + index + 1
    const errors = deviate(alpha / many) + deviate((1 - PLANNED_POWER) / many)
    if (difference!.standardError * errors <= margin) able = index + 1
  }
  return new Set(ascending.slice(0, able))
}

/** The normal deviate with this tail. */
function deviate(tail: number): number {
  return -normalQuantile(tail)
}

function partOf({ labels, scores, times, clusters, weights }: Judged, rows: Uint32Array): Judged {
  return {
    labels: takeRows(labels, rows),
    scores: takeRows(scores, rows, outputsOf({ labels, scores })),
    times: takeRows(times, rows),
    ...(weights === undefined ? {} : { weights: takeRows(weights, rows) }),
    ...(clusters === undefined ? {} : { clusters: Uint32Array.from(rows, (row) => clusters[row]!) }),
  }
}
