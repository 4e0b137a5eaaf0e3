import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src/core/random.ts'
import { planVector } from '../../src/data/features/vector.ts'
import { above, batch, csv } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { ModelDefinition } from '../../src/language/define/definitions.ts'
import { predictionStream } from '../../src/language/define/prediction-stream.ts'
import { tensorFromJson } from '../../src/models/inference/tensor-json.ts'
import { csvOf, importShop, makeHistory, NOW, openShop, refundSize, sentBack, temporaryFolder } from './shop-fixture.ts'

const { name } = refundSize
const decided: ModelDefinition = {
  ...refundSize,
  serve: {
    ...sentBack.serve,
    ...{ modes: ['realtime', 'stream', 'batch'], decision: above(20, 'look', 'pay'), fallback: 'call' },
  },
}
const collected = collectProject([
  sentBack,
  refundSize,
  batch('sizes', {
    ...{ model: refundSize, population: csv('data/asked.csv'), to: csv('data/sizes.csv'), rejectBudget: 1 },
  }),
])
const project = {
  ...collected,
  streams: { ...collected.streams, refund_size_predictions: predictionStream(decided) },
  models: { refund_size: decided },
}
const who = { name: 'ann' }

/** About the amount, and e^800 for large ones, which no double holds. */
function overflowing(names: readonly string[]): string {
  const amount = names.indexOf('amount')
  const leaves = [28, 75, 125, 175].map(Math.log)
  const tree = {
    tree_param: { num_nodes: '9' },
    ...{ left_children: [1, 3, -1, 5, 7, -1, -1, -1, -1], right_children: [2, 4, -1, 6, 8, -1, -1, -1, -1] },
    ...{ split_indices: Array(9).fill(amount), split_conditions: [500, 100, 800, 50, 150, ...leaves] },
    ...{ default_left: Array(9).fill(1), sum_hessian: Array(9).fill(1), loss_changes: Array(9).fill(1) },
  }
  return JSON.stringify({
    learner: {
      feature_names: names,
      gradient_booster: { name: 'gbtree', model: { trees: [tree], tree_info: [0] } },
      learner_model_param: { base_score: '1E0', num_class: '0', num_feature: String(names.length) },
      objective: { name: 'count:poisson' },
    },
    version: [3, 2, 0],
  })
}

test('a score that is no finite number is answered as a row that could not be scored, however it was asked for', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path, project, base: folder.path })
  const history = makeHistory()
  await importShop(platform, folder.path, history)
  const names = planVector(decided, project).inputs.map((input) => input.name)
  const content = Buffer.from(overflowing(names)).toString('base64')
  const { version } = await platform.importModel(name, who, { content })
  // The gate refuses a model that gives no number at the edges: this one is of a registry from before it looked there.
  const by = { by_name: 'ben', by_asserted: 1, at: NOW, reason: null }
  const decision = { model: name, version, sequence: 1, decision: 'approve', ...by } as const
  await platform.parts.metadata.database.insertInto('version_decisions').values(decision).execute()
  await platform.promote(name, version, { name: 'ben' })
  platform.parts.streaming.start()

  const random = seededRandom(5)
  const rows = Array.from({ length: 40 }, (_, index) => ({
    ...history.orders[index]!,
    ...{ order: `N${index}`, amount: random.integer(1000), ordered_at: NOW },
  }))
  const isScored = rows.map(({ amount }) => amount < 500)
  expect(new Set(isScored).size).toBe(2)

  const { predictions } = await platform.predict(name, rows)
  const failed = { error: { code: 'scoring_failed' }, decision: 'call' }
  for (const [index, answer] of predictions.entries())
    expect(answer).toMatchObject(isScored[index] ? { score: expect.any(Number), decision: 'look' } : failed)
  const scores = predictions.map((answer) => ('score' in answer ? answer.score : null))

  const amounts = rows.map(({ amount }) => amount)
  const inputs = names.map((input) => tensorFromJson(input, 'FP64', [40], amounts))
  const raw = await platform.inference.infer(
    ...[name, undefined],
    () => ({ id: undefined, inputs, outputs: undefined }),
    ({ outputs, parameters }) => ({ outputs, ids: parameters['prediction_ids']!.split(',') }),
  )
  expect([...(raw.outputs[0]!.data as Float64Array)]).toEqual(scores.map((score) => score ?? Number.NaN))
  expect((raw.outputs[1]!.data as readonly Uint8Array[]).map((text) => Buffer.from(text).toString())).toEqual(
    isScored.map((is) => (is ? 'look' : 'call')),
  )
  expect(raw.ids.map((id) => id !== '')).toEqual(isScored)

  await platform.ingest('orders', rows)
  await platform.parts.streaming.advance()
  const { answers } = await platform.streamAnswers(name, { after: -1, limit: 1000, wait: 0 })
  expect(answers.map((answer) => [answer.score ?? null, answer.decision, answer.error ?? null])).toEqual(
    scores.map((score) => (score === null ? [null, 'call', 'scoring_failed'] : [score, 'look', null])),
  )

  await writeFile(join(folder.path, 'data/asked.csv'), csvOf([...rows, { ...rows[0]!, amount: -1 }]))
  const { report, id: run } = await platform.runBatch('sizes', who)
  const unscored = isScored.filter((is) => !is).length
  expect(report).toMatchObject({
    ...{ received: 41, scored: 40 - unscored, rejected: unscored + 1 },
    reasons: { scoring_failed: unscored, out_of_range: 1 },
  })
  const written = (await readFile(join(folder.path, 'data/sizes.csv'), 'utf8')).trim().split('\n').slice(1)
  expect(written.map((line) => line.split(',').filter((cell) => cell.startsWith(`${run}-`)))).toEqual(
    isScored.flatMap((is, index) => (is ? [[`${run}-${index}`]] : [])),
  )
  const rejected = (await readFile(report!.rejects!, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rejected.map(({ ordinal, code }) => [ordinal, code])).toEqual([
    [40, 'out_of_range'],
    ...isScored.flatMap((is, index) => (is ? [] : [[index, 'scoring_failed']])),
  ])
  expect(rejected.at(-1).row).toContain('"order":"N')
  await platform.close()
})
