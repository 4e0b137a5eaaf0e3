import { expect, test } from 'vitest'
import type { GateDefinition } from '../../language/define/definitions.ts'
import { studentDifference, type TestedDifference } from '../../stats/intervals/tested-difference.ts'
import type { Judged } from './evaluate.ts'
import { judgeSegments } from './judge-segments.ts'
import { segmentRows } from './segments.ts'

const gate: GateDefinition = {
  metric: 'auc',
  baseline: 'without_windows',
  champion: { margin: 0.002 },
  segments: ['at'],
}
const SIZES = { large: 3000, middle: 600, poor: 600, few: 300, fewer: 200, one: 1 }
const names = Object.entries(SIZES).flatMap(([name, size]) => Array.from({ length: size }, () => name))
const column = new Float64Array(names.length)
/** Rows are told by their scores: their places. */
const judged: Judged = { labels: column, scores: column.map((_, row) => row), times: column }

/** Judges with a difference for each group, by the name of its first row. */
function judge(
  differences: Readonly<Record<string, TestedDifference | undefined>>,
  more: Partial<GateDefinition> = {},
) {
  const checks = judgeSegments({ ...gate, ...more }, judged, column, [segmentRows('at', names)], {
    alpha: 0.05,
    compare: ({ scores }) => differences[names[scores[0]!]!],
  })
  return checks.map(({ segment, verdict }) => [
    segment!.groups ?? segment!.name,
    segment!.rows,
    segment!.pooled,
    verdict,
  ])
}

const sure = studentDifference(0, 0.001, 1000)
const unsure = studentDifference(0, 0.02, 1000)
const broken = studentDifference(-0.2, 0.02, 1000)

test('groups that can prove themselves must, and the others are judged as one', () => {
  // The pool begins with the first row of its largest group.
  expect(judge({ large: sure, middle: sure, poor: unsure, few: sure })).toEqual([
    ['large', 3000, undefined, 'pass'],
    ['middle', 600, undefined, 'pass'],
    ['poor', 600, true, 'insufficient'],
    [4, 1101, true, 'insufficient'],
  ])
  expect(judge({ large: sure, middle: unsure, poor: sure })).toEqual([
    ['large', 3000, undefined, 'pass'],
    ['poor', 600, undefined, 'pass'],
    ['middle', 600, true, 'insufficient'],
    [4, 1101, true, 'insufficient'],
  ])
})

test('a group that cannot prove itself can fail', () => {
  const checks = judge({ large: sure, middle: sure, poor: broken })
  expect(checks.filter(([name]) => name === 'poor')).toEqual([['poor', 600, true, 'fail']])
})

test('with a number of rows each group of so many must prove itself, and no other has a say', () => {
  expect(judge({ large: sure, middle: sure, poor: unsure, few: sure }, { segmentRows: 300 })).toEqual([
    ['large', 3000, undefined, 'pass'],
    ['middle', 600, undefined, 'pass'],
    ['poor', 600, undefined, 'insufficient'],
    ['few', 300, undefined, 'pass'],
  ])
})

test('a margin of its own counts in place of five of the champion', () => {
  const worse = studentDifference(-0.015, 0.001, 1000)
  const of = { large: worse, middle: sure, poor: sure, few: sure }
  expect(judge(of)[0]).toEqual(['large', 3000, undefined, 'fail'])
  expect(judge(of, { segmentMargin: 0.02 })[0]).toEqual(['large', 3000, undefined, 'pass'])
})
