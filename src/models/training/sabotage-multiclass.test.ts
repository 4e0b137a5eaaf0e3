import { beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { HOUR } from '../../core/time.ts'
import type { GateDefinition } from '../../language/define/definitions.ts'
import { type GbdtParameters, gbdt } from '../../language/define/gbdt.ts'
import { createForestScorer } from '../inference/forest-scorer.ts'
import { judgeCandidate, type Rivals } from './gate.ts'
import { trainGbdt } from './gbdt/train-gbdt.ts'
import { findKnowing } from './leaks/find-in-inputs.ts'
import { segmentRows } from './segments.ts'

const ROWS = 4800
const TRAIN = 3000
const TEST = 3600
const CLASSES = ['late', 'damaged', 'fine']
const random = seededRandom(31)
const makeColumn = () => Float64Array.from({ length: ROWS }, () => random.next())
const columns = [makeColumn(), makeColumn(), makeColumn()] as const
const segments = Array.from(columns[0], () => ['north', 'south', 'west'][random.integer(3)]!)
const labels = columns[0].map((value, row) => {
  const drawn = random.next()
  if (drawn < 0.1 + 0.6 * value) return 0
  return drawn < 0.1 + 0.6 * value + 0.3 * columns[1][row]! ** 2 ? 1 : 2
})
const times = columns[0].map((_, row) => (row / 20) * HOUR)
const gate: GateDefinition = {
  ...{ metric: 'log_loss', baseline: 'without_windows', champion: { margin: 0.02 }, segments: [] },
}
const parameters = gbdt({ trees: 20, depth: 3, seed: 3 }).parameters as unknown as GbdtParameters

/** Scores of the test rows by a model that learnt from other columns or labels; the test rows are what they are. */
async function scoresOf(taken: readonly Float64Array[], learnt: Float64Array = labels): Promise<Float64Array> {
  const table = (from: number, to: number) => ({
    rows: to - from,
    featureNames: taken.map((_, index) => `f${index}`),
    columns: taken.map((column) => Float32Array.from(column.subarray(from, to))),
    labels: Float32Array.from(learnt.subarray(from, to)),
  })
  const { forest } = await trainGbdt(table(0, TRAIN), table(TRAIN, TEST), parameters, {
    ...{ objective: 'multiclass', classes: CLASSES.length, threads: 1 },
  })
  return createForestScorer(forest).scoreColumns(
    taken.map((column) => column.subarray(TEST)),
    ROWS - TEST,
  )
}

function shuffled(values: Float64Array): Float64Array {
  const own = seededRandom(4)
  const mixed = values.slice()
  for (let row = ROWS - 1; row > 0; row -= 1) {
    const other = own.integer(row + 1)
    ;[mixed[row], mixed[other]] = [mixed[other]!, mixed[row]!]
  }
  return mixed
}

let champion: Float64Array
let baseline: Float64Array
let honest: Float64Array
let sabotaged: Float64Array
beforeAll(async () => {
  champion = await scoresOf(columns)
  baseline = await scoresOf([columns[2]])
  honest = await scoresOf([columns[1], columns[0], columns[2]])
  sabotaged = await scoresOf(columns, shuffled(labels))
})

function judge(
  scores: Float64Array,
  more: Partial<GateDefinition> = {},
  options: { readonly names?: readonly string[]; readonly weights?: Float64Array; readonly rivals?: Rivals } = {},
) {
  const { names, weights, rivals = { baseline, champion, incomparable: [] } } = options
  const judged = { labels: labels.slice(TEST), times: times.slice(TEST), scores }
  return judgeCandidate(
    { ...gate, ...more },
    weights === undefined ? judged : { ...judged, weights },
    rivals,
    names === undefined ? [] : [segmentRows('region', names)],
    { seed: 1 },
  )
}

test('an honest candidate passes, by its loss and by the share of classes that it tells rightly', () => {
  const result = judge(honest, { decisions: { margin: 0.03 } })
  expect(result.checks.map(({ against, decisions, verdict }) => [against, decisions === undefined, verdict])).toEqual([
    ['baseline', true, 'pass'],
    ['champion', true, 'pass'],
    ['champion', false, 'pass'],
  ])
  expect(result.checks[2]!.decisions).not.toHaveProperty('threshold')
})

test('a candidate that learnt from shuffled labels fails, by any metric and by its classes', () => {
  for (const metric of ['log_loss', 'accuracy', 'macro_auc'] as const)
    expect(judge(sabotaged, { metric }).verdict, metric).toBe('fail')
  const { checks } = judge(sabotaged, { champion: { margin: 5 }, decisions: { margin: 0.01 } })
  const decided = checks.find(({ decisions }) => decisions !== undefined)!
  expect(decided.verdict).toBe('fail')
  expect(decided.decisions!.onlyChampion).toBeGreaterThan(decided.decisions!.onlyCandidate)
  expect(decided.decisions!.mcnemar.pValue).toBeLessThan(1e-6)
})

test('a candidate whose classes are mixed up fails, though its probabilities are as sure', () => {
  const turned = champion.map((_, place) => champion[place - (place % 3) + ((place + 1) % 3)]!)
  const { verdict, checks } = judge(turned)
  expect(verdict).toBe('fail')
  expect(checks.map((check) => check.verdict)).toEqual(['fail', 'fail'])
})

test('a candidate that is broken on one segment fails on it', async () => {
  const isSouth = columns[0].map((_, row) => (segments[row] === 'south' ? 1 : 0))
  const turned = labels.map((label, row) => (isSouth[row] === 1 ? (label + 1) % 3 : label))
  const scores = await scoresOf([...columns, isSouth], turned)
  const lenient = { champion: { margin: 2 }, segmentMargin: 0.2, segmentRows: 200, segments: ['region'] }
  const result = judge(scores, lenient, {
    names: segments.slice(TEST),
    rivals: { champion, incomparable: [] },
  })
  expect(result.checks.find(({ against, segment }) => against === 'champion' && segment === undefined)!.verdict).toBe(
    'pass',
  )
  expect(result).toMatchObject({ verdict: 'fail', sentence: expect.stringContaining('on region south') })
})

test('rows count by their weights where it is asked which classes are right', () => {
  // Right where the champion is not on every third row alone.
  const own = labels.slice(TEST)
  const sure = (place: number) => Array.from({ length: 3 }, (_, of) => (of === place ? 0.9 : 0.05))
  const by = (right: (row: number) => boolean) =>
    Float64Array.from(Array.from(own, (label, row) => sure(right(row) ? label : (label + 1) % 3)).flat())
  const candidate = by((row) => row % 3 === 0)
  const rival = by((row) => row % 3 === 1)
  const verdictOf = (heavy: number) => {
    const weights = own.map((_, row) => (row % 3 === heavy ? 20 : 1))
    const rivals = { champion: rival, incomparable: [] }
    const { checks } = judge(candidate, { decisions: { margin: 0.05 } }, { weights, rivals })
    return checks.find(({ decisions }) => decisions !== undefined)!
  }
  expect(verdictOf(0).verdict).toBe('pass')
  expect(verdictOf(1).verdict).toBe('fail')
  expect(verdictOf(0).decisions).toEqual(verdictOf(1).decisions)
})

test('without rivals a candidate has to beat the shares of the classes', () => {
  const rivals = { incomparable: [] }
  expect(judge(honest, {}, { rivals })).toMatchObject({ verdict: 'pass', checks: [{ against: 'chance' }] })
  const turned = champion.map((_, place) => champion[place - (place % 3) + ((place + 1) % 3)]!)
  expect(judge(turned, {}, { rivals }).verdict).toBe('fail')
})

test('an input that tells one class of several is found before it is learnt from', () => {
  const tells = labels.map((label) => (label === 1 ? 1 : 0) + 0.1 * random.next())
  const inputs = [...columns, tells].map(
    (_, index) => ({ name: `f${index}`, type: 'number', source: { kind: 'derived' } }) as const,
  )
  const rows = { task: 'multiclass', columns: [...columns, tells], labels, times, train: TRAIN, test: TEST, inputs }
  const found = findKnowing({ ...rows, groups: [], tables: [] } as never, {})
  expect(found.map(({ input, severity }) => [input, severity])).toEqual([['f3', 'fail']])
})
