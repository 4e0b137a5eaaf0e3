import { beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { HOUR } from '../../core/time.ts'
import type { GateDefinition } from '../../language/define/definitions.ts'
import type { GbdtParameters } from '../../language/define/gbdt.ts'
import { gbdt } from '../../language/define/gbdt.ts'
import { createForestScorer } from '../inference/forest-scorer.ts'
import { judgeCandidate } from './gate.ts'
import { trainGbdt } from './gbdt/train-gbdt.ts'
import { findKnowing } from './leaks/find-in-inputs.ts'
import { segmentRows } from './segments.ts'

const ROWS = 6000
const TRAIN = 3600
const TEST = 4200
const random = seededRandom(21)
const makeColumn = () => Float64Array.from({ length: ROWS }, () => random.next())
const columns = [makeColumn(), makeColumn(), makeColumn()] as const
const segments = Array.from(columns[0], () => ['north', 'south', 'west'][random.integer(3)]!)
const labels = columns[0].map((value, row) =>
  random.next() < 0.1 + 0.5 * value + 0.35 * columns[1][row]! ** 2 ? 1 : 0,
)
const times = columns[0].map((_, row) => (row / 20) * HOUR)

const gate: GateDefinition = { metric: 'auc', baseline: 'without_windows', champion: { margin: 0.02 }, segments: [] }
const parameters = gbdt({ trees: 40, depth: 3, seed: 3 }).parameters as unknown as GbdtParameters

/** Scores of the test rows by a model that learnt from other columns or labels; the test rows are what they are. */
async function scoresOf(learnt: {
  readonly labels?: Float64Array
  readonly columns?: readonly Float64Array[]
  readonly served?: readonly Float64Array[]
}): Promise<Float64Array> {
  const { labels: learntLabels = labels, columns: taken = columns, served = taken } = learnt
  const table = (from: number, to: number) => ({
    rows: to - from,
    featureNames: taken.map((_, index) => `f${index}`),
    columns: taken.map((column) => Float32Array.from(column.subarray(from, to))),
    labels: Float32Array.from(learntLabels.subarray(from, to)),
  })
  const { forest } = await trainGbdt(table(0, TRAIN), table(TRAIN, TEST), parameters, {
    objective: 'binary',
    threads: 1,
  })
  return createForestScorer(forest).scoreColumns(
    served.map((column) => column.subarray(TEST)),
    ROWS - TEST,
  )
}

let champion: Float64Array
let baseline: Float64Array
beforeAll(async () => {
  champion = await scoresOf({})
  baseline = await scoresOf({ columns: [columns[2]] })
})

const judged = { labels: labels.slice(TEST), times: times.slice(TEST) }

function judge(scores: Float64Array, more: Partial<GateDefinition> = {}, names: readonly string[] = []) {
  const segmentations = names.length === 0 ? [] : [segmentRows('region', names)]
  return judgeCandidate(
    { ...gate, ...more },
    { ...judged, scores },
    { baseline, champion, incomparable: [] },
    segmentations,
    {
      seed: 1,
    },
  )
}

test('the honest candidate passes: what follows fails for what was done to it', async () => {
  const scores = await scoresOf({ columns: [columns[1], columns[0], columns[2]] })
  expect(judge(scores).verdict).toBe('pass')
})

test('a candidate that learnt from shuffled labels fails against champion and baseline', async () => {
  const shuffled = labels.slice()
  const own = seededRandom(4)
  for (let row = ROWS - 1; row > 0; row -= 1) {
    const other = own.integer(row + 1)
    ;[shuffled[row], shuffled[other]] = [shuffled[other]!, shuffled[row]!]
  }
  const result = judge(await scoresOf({ labels: shuffled }))
  expect(result.verdict).toBe('fail')
  expect(result.checks.find(({ against }) => against === 'champion')!.verdict).toBe('fail')
  expect(result.checks.find(({ against }) => against === 'baseline')!.verdict).not.toBe('pass')
})

test('a leaked column lets a candidate pass by its metric, and is found before it is learnt from', async () => {
  const leaked = labels.map((label) => label + 0.2 * random.next())
  const withLeak = [...columns, leaked]
  // On held-out rows that carry the leak, too, no metric can tell.
  expect(judge(await scoresOf({ columns: withLeak })).verdict).toBe('pass')
  const inputs = withLeak.map(
    (_, index) => ({ name: `f${index}`, type: 'number', source: { kind: 'derived' } }) as const,
  )
  const found = findKnowing(
    {
      task: 'binary',
      inputs,
      columns: withLeak,
      labels,
      times,
      train: TRAIN,
      test: TEST,
      groups: [],
      tables: [],
    } as never,
    {},
  )
  expect(found.map(({ input, severity }) => [input, severity])).toEqual([['f3', 'fail']])
  // Rows as they are served have no outcome yet.
  const served = [...columns, leaked.map(() => Number.NaN)]
  expect(judge(await scoresOf({ columns: withLeak, served })).verdict).toBe('fail')
})

test('a candidate that is broken on one segment fails on it, even where the whole may be that much worse', async () => {
  const isSouth = columns[0].map((_, row) => (segments[row] === 'south' ? 1 : 0))
  const turned = labels.map((label, row) => (isSouth[row] === 1 ? 1 - label : label))
  const scores = await scoresOf({ labels: turned, columns: [...columns, isSouth] })
  const lenient = { champion: { margin: 0.4 }, segmentMargin: 0.1, segments: ['region'] }
  const result = judge(scores, lenient, segments.slice(TEST))
  expect(result.checks.find(({ against, segment }) => against === 'champion' && segment === undefined)!.verdict).toBe(
    'pass',
  )
  expect(result).toMatchObject({ verdict: 'fail', sentence: expect.stringContaining('on region south') })
})

test('constant scores, scores turned around, and scores of chance fail', () => {
  const own = seededRandom(8)
  for (const scores of [champion.map(() => 0.5), champion.map((score) => 1 - score), champion.map(() => own.next())])
    expect(judge(scores).verdict).toBe('fail')
})

test('a candidate whose probabilities are shifted fails by its decisions, though it ranks as the champion does', () => {
  const shifted = champion.map((score) => score ** 4)
  const thresholds = [0.5]
  const decisions = { decisions: { margin: 0.01 } }
  const result = judgeCandidate(
    { ...gate, ...decisions },
    { ...judged, scores: shifted },
    { champion, incomparable: [] },
    [],
    { seed: 1, thresholds },
  )
  expect(result.checks[0]).toMatchObject({ against: 'champion', verdict: 'pass' })
  expect(result.checks[1]).toMatchObject({
    ...{ verdict: 'fail', decisions: { threshold: 0.5, mcnemar: { method: 'corrected' } } },
  })
  expect(result.sentence).toMatch(/^right decisions at 0.5 against champion \(McNemar p /)
})
