import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { HOUR } from '../../core/time.ts'
import { planVector } from '../../data/features/vector.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { gbdt } from '../../language/define/gbdt.ts'
import { label } from '../../language/define/label.ts'
import { logistic } from '../../language/define/linear.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { grid } from '../../language/define/search.ts'
import type { SearchDefinition } from '../../language/define/search-definition.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import type { TrainerDefinition } from '../../language/define/trainer-definition.ts'
import type { Dataset } from './dataset.ts'
import { learnModel } from './learn-model.ts'
import { scoreRows } from './score-rows.ts'
import type { TrainingJob } from './training-job.ts'

const CLASSES = ['late', 'damaged', 'fine'] as const
const INPUTS = ['route', 'weight', 'first', 'second', 'third', 'fourth'] as const
const ROWS = 400

const parcels = stream('parcels', {
  ...{ key: 'parcel', time: 'sent_at' },
  schema: {
    ...{ parcel: t.string(), sent_at: t.timestamp(), route: t.number(), weight: t.number() },
    ...{ first: t.number(), second: t.number(), third: t.number(), fourth: t.number() },
  },
})
const arrivals = stream('arrivals', {
  ...{ key: 'parcel', time: 'arrived_at' },
  schema: { parcel: t.string(), state: t.string(), arrived_at: t.timestamp() },
})

/** Of rows few of which are damaged; the class hangs on two inputs, on both of them together, and on chance. */
function makeRows() {
  const random = seededRandom(17)
  const columns = INPUTS.map(() => Float64Array.from({ length: ROWS }, () => random.next()))
  const [route, weight] = [columns[0]!, columns[1]!]
  const labels = route.map((value, row) => {
    if (random.next() < 0.2) return random.integer(3)
    if (value > 0.5 === weight[row]! > 0.5) return 2
    return value + 0.5 * random.next() > 1 ? 1 : 0
  })
  return { columns, labels, times: Float64Array.from({ length: ROWS }, (_, row) => row * HOUR) }
}

const rows = makeRows()

interface Asked {
  readonly metric: 'log_loss' | 'accuracy' | 'macro_f1'
  readonly trainer: TrainerDefinition
  readonly search: SearchDefinition
  /** Rows to learn from; the others are those to choose by. */
  readonly learnt: number
}

/** What a search finds, and the scores of the rows to choose by of the model that is learnt in the end. */
async function learn({ metric, trainer, search, learnt: from }: Asked) {
  const definition = model('arrival', {
    ...{ predicts: 'how a parcel arrives', at: parcels, time: 'sent_at', trainer, search, gate: { metric } },
    features: INPUTS.map((name) => parcels.pick(name)),
    label: label(arrivals, col('state'), { classes: CLASSES }).on('parcel').within('1h').absent('exclude'),
    split: byTime({ train: '5d', validate: '5d', test: '5d' }),
  })
  const project = collectProject([definition])
  const plan = planVector(definition, project)
  const dataset = {
    ...rows,
    inputs: plan.inputs,
    outcomesCount: rows.times,
    textOf: () => undefined,
  } as Partial<Dataset>
  const job = { project, model: 'arrival', threads: 1 } as Partial<TrainingJob>
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-learn-'))
  const task = {
    ...{ job: job as TrainingJob, plan, dataset: dataset as Dataset, onLog: () => undefined },
    once: async <Answer>(_: unknown, work: () => Promise<Answer>) => await work(),
  }
  const parts = { training: { from: 0, to: from }, validation: { from, to: ROWS } }
  const learnt = await learnModel(task, parts, folder.path, () => undefined)
  const { encoders, scorer, chosen } = learnt.candidate
  const scores = scoreRows(encoders, scorer, { inputs: plan.inputs, columns: rows.columns }, from)
  scorer.close()
  const { best, trials } = learnt.search!
  const judged = rows.labels.subarray(from)
  return { best, chosen, scores, judged, values: trials.map((trial) => trial.rounds.at(-1)!.value!) }
}

type Judged = Pick<Awaited<ReturnType<typeof learn>>, 'scores' | 'judged'>

function lossOf({ scores, judged }: Judged): number {
  return judged.reduce((sum, place, row) => sum - Math.log(scores[row * CLASSES.length + place]!), 0) / judged.length
}

function toldBy({ scores, judged }: Judged): readonly number[] {
  return Array.from(judged, (_, row) => {
    const of = scores.subarray(row * CLASSES.length, (row + 1) * CLASSES.length)
    return of.indexOf(Math.max(...of))
  })
}

function macroF1Of(one: Judged): number {
  const told = toldBy(one)
  const each = CLASSES.map((_, place) => {
    const right = told.filter((said, row) => said === place && one.judged[row] === place).length
    const said = told.filter((each) => each === place).length
    return (2 * right) / (said + one.judged.filter((outcome) => outcome === place).length)
  })
  return each.reduce((sum, f1) => sum + f1, 0) / each.length
}

test('lines of several classes are searched for by the metric of the gate, the least loss or the best F1, which differ', async () => {
  const asked = { trainer: logistic({ l1Ratio: 0 }), search: grid({ lambda: [0.0005, 0.3] }), learnt: 60 }
  const byLoss = await learn({ ...asked, metric: 'log_loss' })
  const byF1 = await learn({ ...asked, metric: 'macro_f1' })
  expect([byLoss.chosen, byF1.chosen]).toEqual([{ lambda: 0.3 }, { lambda: 0.0005 }])
  expect(byLoss.values[byLoss.best - 1]).toBe(Math.min(...byLoss.values))
  expect(byLoss.values[byLoss.best - 1]).toBeCloseTo(lossOf(byLoss), 10)
  expect(byF1.values[byF1.best - 1]).toBe(Math.max(...byF1.values))
  expect(byF1.values[byF1.best - 1]).toBeCloseTo(macroF1Of(byF1), 10)
})

test('trees of several classes are searched for, and learnt from all rows with what was found', async () => {
  const search = grid({ depth: [1, 3] })
  const found = await learn({ metric: 'accuracy', trainer: gbdt({ trees: 20, seed: 3 }), search, learnt: 280 })
  expect(found).toMatchObject({ best: 2, chosen: { depth: 3 } })
  const right = toldBy(found).filter((place, row) => place === found.judged[row]).length
  expect(found.values[1]).toBeCloseTo(right / found.judged.length, 12)
  expect(found.values[1]).toBeGreaterThan(found.values[0]! + 0.05)
})
