import { expect, test } from 'vitest'
import { likeliest } from '../../core/math/likeliest.ts'
import { planVector } from '../../data/features/vector.ts'
import { checkProject } from '../../language/define/check-project.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { above, classCosts, classThresholds, override } from '../../language/define/decision.ts'
import type { ServeDefinition } from '../../language/define/definitions.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { type Calibration, createClassCalibrator } from '../../models/inference/calibration.ts'
import type { VectorScorer } from '../../models/inference/encoders.ts'
import { contractOf } from './model-contract.ts'
import { createVectorScoring, type Outcome } from './vector-scoring.ts'

const orders = stream('orders', {
  ...{ key: 'order', time: 'at' },
  schema: {
    order: t.string(),
    items: t.int(),
    weight: t.int(),
    state: t.string({ nullable: true }),
    at: t.timestamp(),
  },
})
const classes = ['late', 'damaged', 'fine'] as const

/** A model whose scores are those of `scorer`: items and weight in hundredths are those of late and damaged. */
function returned(serve: Pick<ServeDefinition, 'decision' | 'adverse'> & { overrides?: unknown[] }) {
  const definition = model('returned', {
    ...{
      predicts: 'how an order ends',
      at: orders,
      time: 'at',
      features: [orders.pick('items'), orders.pick('weight')],
    },
    label: label(orders, col('state'), { classes }).on('order').within('1d').absent('fine'),
    split: byTime({ train: '7d', validate: '1d', test: '1d' }),
    serve: serve as never,
  })
  const project = collectProject([definition])
  checkProject(project)
  return { definition, project, plan: planVector(definition, project) }
}

const scorer: VectorScorer = {
  platform: 'trueline_forest',
  inputs: 2,
  outputs: 3,
  scoreRow: (values, offset) => values[offset]! / 100,
  scoreInto(values, offset, scores, at) {
    const [late, damaged] = [values[offset]! / 100, values[offset + 1]! / 100]
    scores.set([late, damaged, 1 - late - damaged], at)
  },
  scoreColumns(columns, rows) {
    const scores = new Float64Array(rows * 3)
    for (let row = 0; row < rows; row += 1)
      scorer.scoreInto(
        Float64Array.from(columns, (column) => column[row]!),
        0,
        scores,
        row * 3,
      )
    return scores
  },
  close: () => undefined,
}

const rows = [
  [10, 20],
  [50, 50],
  [30, 40],
  [0, 0],
  [90, 5],
] as const

/** What becomes of the rows one by one, and checks that they fare the same in columns. */
function outcomes(serve: Parameters<typeof returned>[0], calibration?: Calibration): Outcome[] {
  const { definition, project, plan } = returned(serve)
  const scoring = createVectorScoring({ model: definition, project, plan, scorer, calibration })
  const alone = rows.map((row) => {
    const { probabilities, ...outcome } = scoring.score(Float64Array.from(row), undefined)
    return { ...outcome, probabilities: probabilities?.slice() }
  })
  const values = [0, 1].map((input) => Float64Array.from(rows, (row) => row[input]!))
  const { scores, probabilities, codes, verdicts } = scoring.scoreColumns({ rows: rows.length, values })
  for (const [row, one] of alone.entries()) {
    expect(scores[row]).toBe(one.score)
    expect(probabilities!.slice(row * 3, row * 3 + 3)).toEqual(one.probabilities)
    expect(verdicts[codes[row]!]).toEqual(one.verdict)
  }
  return alone
}

test('the likeliest class is the decision, the first of equally likely ones, and its probability the score', () => {
  const found = outcomes({})
  expect(found.map(({ verdict }) => verdict.decision)).toEqual(['fine', 'late', 'damaged', 'fine', 'late'])
  expect(found.map(({ score }) => score)).toEqual([1 - 0.1 - 0.2, 0.5, 0.4, 1, 0.9])
})

test.each<Calibration>([
  { kind: 'temperature', temperature: 2 },
  {
    kind: 'one_against_rest',
    classes: [
      { kind: 'platt', slope: 0.5, intercept: 0 },
      { kind: 'isotonic', scores: [0, 1], probabilities: [0.1, 0.4] },
      { kind: 'platt', slope: 1, intercept: 0.4 },
    ],
  },
])('probabilities are calibrated before they decide, and what they were made from is told: $kind', (calibration) => {
  const found = outcomes({}, calibration)
  const apply = createClassCalibrator(calibration, 3)
  for (const [index, row] of rows.entries()) {
    const [late, damaged] = [row[0] / 100, row[1] / 100]
    const raw = [late, damaged, 1 - late - damaged]
    const expected = Float64Array.from(raw)
    apply(expected, 0)
    const place = likeliest(expected, 0, 3)
    expect(found[index]).toMatchObject({ probabilities: expected, score: expected[place], raw: raw[place] })
    expect(found[index]!.verdict.decision).toBe(classes[place])
  }
})

test('costs by class decide for what is expected to cost least', () => {
  const decision = classCosts({
    nothing: { late: 10, damaged: 30, fine: 0 },
    call: { late: 2, damaged: 8, fine: 3 },
    refund: { late: 9, damaged: 0, fine: 20 },
  })
  const found = outcomes({ decision })
  // Expected costs of nothing, call and refund: 7, 3.9, 14.9; 20, 5, 4.5; 15, 4.7, 8.7; 0, 3, 20; 10.5, 2.35, 9.1.
  expect(found.map(({ verdict }) => verdict.decision)).toEqual(['call', 'refund', 'call', 'nothing', 'call'])
  expect(found[0]!.verdict.reason).toEqual({ code: 'call' })
})

test('of thresholds by class the first that is passed decides, though another class may be likelier', () => {
  const decision = classThresholds([
    { class: 'damaged', above: 0.4, decision: 'refund', reason: 'surely_damaged', text: 'It is broken.' },
    { class: 'damaged', above: 0.1, decision: 'inspect' },
    { class: 'late', above: 0.5 },
    { decision: 'wait' },
  ])
  const found = outcomes({ decision })
  // Of damaged .2, .5, .4, 0 and .05; of late .1, .5, .3, 0 and .9. A probability at its threshold is not above it.
  expect(found.map(({ verdict }) => verdict.decision)).toEqual(['inspect', 'refund', 'inspect', 'wait', 'late'])
  expect(found.map(({ verdict }) => verdict.reason)).toEqual([
    { code: 'inspect' },
    { code: 'surely_damaged', text: 'It is broken.' },
    { code: 'inspect' },
    { code: 'wait' },
    { code: 'late' },
  ])
  const { definition, project, plan } = returned({ decision })
  const { response } = contractOf(definition, project, plan)
  expect(response.decisions).toEqual(['inspect', 'late', 'refund', 'wait'])
  expect(response.reasons).toEqual(['by_hand', 'inspect', 'late', 'surely_damaged', 'wait'])
})

test('a rule goes before the likeliest class, and what is no probability is no score', () => {
  const held = override({ when: col('items').gt(80), decision: 'hold', reason: 'many' })
  const found = outcomes({ overrides: [held] })
  expect(found.map(({ verdict }) => verdict.decision)).toEqual(['fine', 'late', 'damaged', 'fine', 'hold'])
  const { definition, project, plan } = returned({})
  const { score } = createVectorScoring({ model: definition, project, plan, scorer })
  expect(score(Float64Array.of(10, Number.NaN), undefined).score).toBeNaN()
})

test('the contract names the classes, and what they decide', () => {
  const { definition, project, plan } = returned({})
  expect(contractOf(definition, project, plan).response).toMatchObject({
    score: { kind: 'probability', min: 0, max: 1 },
    classes,
    decisions: ['damaged', 'fine', 'late'],
  })
  const paid = returned({ decision: classCosts({ pay: { late: 1, damaged: 1, fine: 2 } }) })
  expect(contractOf(paid.definition, paid.project, paid.plan).response.decisions).toEqual(['pay'])
})

test.each<readonly [Parameters<typeof returned>[0], string]>([
  [{ decision: above(0.5, 'a', 'b') }, 'no one score to decide by'],
  [{ decision: classCosts({}) }, 'There is no decision'],
  [{ decision: classCosts({ a: { late: 1, fine: 2 } }) }, 'a costs where the class is damaged'],
  [{ decision: classCosts({ a: { late: 1, fine: 2, damaged: Number.NaN } }) }, 'not a number'],
  [{ decision: classCosts({ a: { late: 1, fine: 2, damaged: 3, lost: 1 } }) }, 'lost'],
  [{ decision: classThresholds([]) }, 'There is no threshold'],
  [{ decision: classThresholds([{ class: 'late', above: 0.5 }]) }, 'The last one takes the rest'],
  [{ decision: classThresholds([{ decision: 'a' }, { decision: 'b' }]) }, 'needs a class'],
  [{ decision: classThresholds([{ class: 'lost', above: 0.5 }, { decision: 'b' }]) }, "no class 'lost'"],
  [{ decision: classThresholds([{ class: 'late', above: 1 }, { decision: 'b' }]) }, 'from 0 to below 1, not 1'],
  [{ decision: classThresholds([{ class: 'late', above: Number.NaN }, { decision: 'b' }]) }, 'not NaN'],
  [
    { decision: classThresholds([{ class: 'late', above: 0.1 }, { class: 'late', above: 0.1 }, { decision: 'b' }]) },
    "The thresholds of 'late' must fall",
  ],
  [{ decision: classThresholds([{ class: 'late', above: 0.1, reason: 'No code' }, { decision: 'b' }]) }, 'is no code'],
  [
    { decision: classThresholds([{ class: 'late', above: 0.1 }, { decision: 'b' }]), adverse: { decisions: ['late'] } },
    'no input moves one alone',
  ],
  [{ adverse: { decisions: ['late', 'damaged', 'fine'] } }, 'some of the classes, and not all'],
  [{ adverse: { decisions: [] } }, 'some of the classes, and not all'],
  [{ adverse: { decisions: ['lost'] } }, "'lost'"],
  [
    { decision: classCosts({ a: { late: 1, fine: 2, damaged: 3 } }), adverse: { decisions: ['a'] } },
    'weigh all probabilities at once',
  ],
])('what cannot be decided of classes is refused where it is defined', (serve, message) => {
  expect(() => returned(serve)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }))
})
