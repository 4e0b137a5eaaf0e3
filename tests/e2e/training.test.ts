import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TruelineError } from '../../src/core/errors.ts'
import { DAY, parseTime, SECOND } from '../../src/core/time.ts'
import { byTime, col, label, model } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import type { GoldenPredictions } from '../../src/models/inference/golden-predictions.ts'
import { listRuns, readRun } from '../../src/models/registry/runs.ts'
import { currentServing } from '../../src/models/registry/serving-history.ts'
import { readVersion, readVersionDefinition } from '../../src/models/registry/versions.ts'
import { buildDataset, type Dataset } from '../../src/models/training/dataset.ts'
import type { Evaluation } from '../../src/models/training/evaluate.ts'
import type { GateResult } from '../../src/models/training/gate.ts'
import { rivalColumns } from '../../src/models/training/rival-columns.ts'
import { runTraining } from '../../src/models/training/run-training.ts'
import { splitRows } from '../../src/models/training/time-split.ts'
import type { TrainingJob } from '../../src/models/training/training-job.ts'
import { checkGolden } from '../../src/operate/serving/check-golden.ts'
import { loadVersion } from '../../src/operate/serving/load-version.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { type ExpectedRow, expectedDataset, valuesOf } from './dataset-oracle.ts'
import {
  customerOrders,
  importShop,
  makeHistory,
  NOW,
  openShop,
  orders,
  type Return,
  returns,
  START,
  sentBack,
  shop,
  temporaryFolder,
} from './shop-fixture.ts'

const history = makeHistory()
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform
/** Returns that became known days after they happened, and the moment when they did. */
let late: Return[]
let lateAt: number

beforeAll(async () => {
  folder = await temporaryFolder()
  const opened = await openShop({ folder: folder.path })
  platform = opened.platform
  await importShop(platform, folder.path, history)
  const returned = new Set(history.returns.map(({ order }) => order))
  const forgotten = history.orders.filter(
    ({ order, ordered_at }) => !returned.has(order) && ordered_at > NOW - 6 * 86_400 * SECOND,
  )
  late = forgotten.slice(0, 40).map(({ order, customer, product, ordered_at }, index) => ({
    ...{ order, customer, product, refund: 70, line: index % 3 },
    returned_at: ordered_at + 3600 * SECOND,
  }))
  lateAt = NOW + SECOND
  opened.clock.advanceTo(lateAt)
  expect(await platform.ingest('returns', late)).toMatchObject({ accepted: 40, rejected: [] })
  opened.clock.advanceTo(lateAt + SECOND)
})

afterAll(async () => {
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

async function jobOf(name: string, cut: number, project: ProjectDefinition = shop): Promise<TrainingJob> {
  const { lake, log } = platform.parts
  await lake.flush()
  const files = Object.fromEntries(['orders', 'returns'].map((stream) => [stream, lake.files(stream)]))
  const { path } = folder
  const model = { project, model: name, variant: 'full' } as const
  return { ...model, offset: log.flushedOffset, cut, files, rivals: [], threads: 2, folder: path }
}

const build = async (name: string, cut: number, project?: ProjectDefinition): Promise<Dataset> =>
  buildDataset(await jobOf(name, cut, project), () => undefined)

/** Rows of one time have no order of their own here: two orders came at each moment. */
function sorted(rows: readonly ExpectedRow[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort()
}

function rowsOf({ times, columns, labels }: Dataset): ExpectedRow[] {
  return Array.from(times, (t, row) => ({
    t,
    values: columns.map((column) => (Number.isNaN(column[row]!) ? null : column[row]!)),
    label: labels[row]!,
  }))
}

function knownShop() {
  return {
    orders: history.orders.map((row) => ({ row, knownAt: row.ordered_at })),
    returns: [
      ...history.returns.map((row) => ({ row, knownAt: row.returned_at })),
      ...late.map((row) => ({ row, knownAt: lateAt })),
    ],
  }
}

test('a training set holds what a reader of the definitions would write down, to the bit', async () => {
  const dataset = await build('sent_back', NOW)
  const expected = expectedDataset(knownShop(), NOW)
  expect(expected).toHaveLength(1066)
  expect(expected.filter(({ values }) => values.includes(null)).length).toBeGreaterThan(50)
  expect(sorted(rowsOf(dataset))).toEqual(sorted(expected))
  expect(dataset.times).toEqual(dataset.times.toSorted())
})

test('what became known late is an outcome from then on, and never a feature of the time before', async () => {
  const cut = lateAt + SECOND
  const before = rowsOf(await build('sent_back', lateAt))
  const after = rowsOf(await build('sent_back', cut))
  expect(sorted(after)).toEqual(sorted(expectedDataset(knownShop(), cut)))
  const positives = (rows: readonly ExpectedRow[]) => rows.filter((row) => row.label === 1).length
  expect(positives(after) - positives(before)).toBeGreaterThan(20)
})

test('what is learnt of outcomes in time order counts them once they are known, and never before their time is over', async () => {
  const within = 2 * DAY
  const { times, labels, outcomesCount } = await build('sent_back', lateAt + SECOND)
  const cameLate = new Set(late.map(({ returned_at }) => returned_at - 3600 * SECOND))
  const expected = Array.from(times, (t) =>
    cameLate.has(t) ? [t + within, Math.max(t + within, lateAt)] : [t + within],
  )
  for (const [row, counts] of outcomesCount.entries()) expect(expected[row]).toContain(counts)
  const lateOnes = [...labels.keys()].filter((row) => outcomesCount[row] === lateAt)
  expect(lateOnes.length).toBeGreaterThan(20)
  expect(lateOnes.every((row) => labels[row] === 1)).toBe(true)
})

test('nothing that is known at or after the cut changes a training set', async () => {
  const before = await build('sent_back', NOW)
  const { accepted } = await platform.ingest('orders', [
    { order: 'X1', customer: 'C1', product: 'P1', amount: 3, card: null, ordered_at: NOW - 86_400 * SECOND },
  ])
  expect(accepted).toBe(1)
  const after = await build('sent_back', NOW)
  expect(after.manifest.offset).toBeGreaterThan(before.manifest.offset)
  expect(after.manifest.content).toBe(before.manifest.content)
})

test('rows whose outcome may still come are left out, and the parts are stretches of time', async () => {
  const { manifest, split, times } = await build('sent_back', NOW)
  const day = 86_400 * SECOND
  expect(split).toEqual({ from: NOW - 17 * day, validate: NOW - 8 * day, test: NOW - 5 * day, to: NOW - 2 * day })
  const inPart = (from: number, to: number) => times.filter((t) => t >= from && t < to).length
  expect(manifest.parts).toEqual({
    train: inPart(split.from, split.validate),
    validate: inPart(split.validate, split.test),
    test: inPart(split.test, split.to),
  })
  const asked = (from: number, to: number) =>
    history.orders.filter(({ ordered_at }) => ordered_at >= from && ordered_at < to).length
  expect(manifest.excluded).toMatchObject({
    before: asked(Number.NEGATIVE_INFINITY, split.from),
    immature: asked(split.to, Number.POSITIVE_INFINITY),
  })
  expect(manifest.excluded.before).toBeGreaterThan(0)
  expect(manifest.rows + manifest.excluded.unlabelled).toBe(asked(split.from, split.to))
})

test('a model without a time column asks when its row became known', async () => {
  const { times, labels } = await build('refund_size', NOW)
  const asked = new Set(history.orders.map(({ ordered_at }) => ordered_at))
  expect([...times].every((time) => asked.has(time))).toBe(true)
  expect(Math.max(...labels)).toBeGreaterThan(100)
})

test('a stream without events makes features empty, not training impossible', async () => {
  const job = await jobOf('sent_back', NOW)
  const dataset = await buildDataset({ ...job, files: { orders: job.files['orders']! } }, () => undefined)
  const column = (name: string) => dataset.columns[dataset.inputs.findIndex((input) => input.name === name)]!
  expect(new Set(column('product_returns.returns_3d'))).toEqual(new Set([0]))
  expect(new Set(column('product_returns.large_share_3d'))).toEqual(new Set([Number.NaN]))
  expect(new Set(dataset.labels)).toEqual(new Set([0]))
})

test('the same data gives the same version, and each run its record', async () => {
  const first = await platform.train('sent_back', { name: 'ann' }, { at: NOW })
  const again = await platform.train('sent_back', { name: 'eve' }, { at: NOW })
  expect(again).toMatchObject({ version: first.version, digest: first.digest })
  expect(again.dataset.digest).toBe(first.dataset.digest)
  expect(again.run).not.toBe(first.run)
  const run = await readRun(platform.parts.metadata, again.run)
  expect(run).toMatchObject({ status: 'succeeded', author: { name: 'eve' }, data: { content: first.dataset.digest } })
  const baseline = (await platform.models('sent_back')).filter(({ variant }) => variant === 'without_windows')
  expect(baseline).toHaveLength(1)
})

test('a version keeps predictions of its test rows by which whoever loads it can tell that it is the same', async () => {
  const { metadata, artifacts } = platform.parts
  const version = await readVersion(metadata, 'sent_back', (await platform.models('sent_back'))[0]!.version)
  const golden = JSON.parse(
    new TextDecoder().decode(await artifacts.get(version.attachments['golden']!)),
  ) as GoldenPredictions
  expect(golden.predictions).toHaveLength(32)
  const loaded = await loadVersion(version, await readVersionDefinition(metadata, version), artifacts)
  expect(golden.inputs).toEqual(loaded.plan.inputs.map(({ name }) => name))
  expect(() => checkGolden(loaded, golden)).not.toThrow()
  expect(new Set(golden.predictions.map(({ score }) => score)).size).toBeGreaterThan(5)
})

test('nobody trains on what is not known yet', async () => {
  await expect(platform.train('sent_back', { name: 'ann' }, { at: lateAt + 3600 * SECOND })).rejects.toMatchObject({
    code: 'invalid_arguments',
  })
})

test('a candidate that learned from shuffled outcomes fails against the one that serves', async () => {
  const [newest] = await platform.models('sent_back')
  await platform.approve('sent_back', newest!.version, { name: 'ben' })
  await platform.promote('sent_back', newest!.version, { name: 'ben' })
  await using other = await temporaryFolder()
  const { platform: sabotaged } = await openShop({ folder: other.path })
  try {
    // Until the rows that it is judged on, each return goes to another order of the same hours.
    const shuffled = history.returns.map((row) =>
      row.returned_at < NOW - 6 * 86_400 * SECOND ? { ...row, order: `O${Number(row.order.slice(1)) - 13}` } : row,
    )
    await importShop(sabotaged, other.path, { orders: history.orders, returns: shuffled })
    const { lake, log } = sabotaged.parts
    const { metadata, artifacts } = platform.parts
    const champion = await readVersion(metadata, 'sent_back', newest!.version)
    const scorer = artifacts.path(champion.manifest.scorer)
    const encoders = artifacts.path(champion.manifest.encoders)
    const result = await runTraining(
      {
        ...(await jobOf('sent_back', NOW)),
        offset: log.flushedOffset,
        files: Object.fromEntries(['orders', 'returns'].map((stream) => [stream, lake.files(stream)])),
        rivals: [{ role: 'champion', version: champion.version, vectors: { kind: 'shared' }, scorer, encoders }],
        folder: other.path,
      },
      { onProgress: () => undefined },
    )
    expect(result.gate).toMatchObject({ verdict: 'fail', sentence: expect.stringContaining('auc against champion') })
  } finally {
    await sabotaged.close()
  }
})

test('a training without rows is refused by code, and the run says so', async () => {
  await using other = await temporaryFolder()
  const { platform: empty } = await openShop({ folder: other.path })
  try {
    await expect(empty.train('sent_back', { name: 'ann' })).rejects.toMatchObject({ code: 'no_training_rows' })
    const { items } = await listRuns(empty.parts.metadata)
    expect(items).toMatchObject([{ status: 'failed', error: { code: 'no_training_rows' } }])
    const early = history.returns.filter(({ returned_at }) => returned_at < NOW).slice(0, 1)
    await importShop(empty, other.path, { ...history, returns: early.map((row) => ({ ...row, order: 'none' })) })
    await expect(empty.train('sent_back', { name: 'ann' })).rejects.toMatchObject({
      ...{ code: 'single_class', message: expect.stringContaining("no event of 'returns', of 1, has the key") },
      remedy: expect.stringContaining('within'),
    })
  } finally {
    await empty.close()
  }
})

test('a split that covers no row says where the rows lie, and the time that it names gives a training set', async () => {
  const { remedy, message } = (await build('sent_back', NOW + 400 * DAY).catch((thrown) => thrown)) as TruelineError
  expect(message).toMatch(/^The split covers no row of 'orders': it reaches from .* they from .*\.$/)
  const [, at] = /trueline train sent_back --at (\S+)$/.exec(remedy)!
  expect((await build('sent_back', parseTime(at!))).manifest.rows).toBeGreaterThan(1000)
  const tooEarly = (await build('sent_back', START + DAY).catch((thrown) => thrown)) as TruelineError
  expect(tooEarly).toMatchObject({ code: 'no_training_rows', remedy: expect.stringMatching(/or wait: the outcome/) })
})

test('a corrected outcome is the label, and what is known later changes neither a question nor its features', async () => {
  const refunded = history.returns.filter(
    ({ refund, returned_at }) => refund !== null && refund > 0 && returned_at < NOW,
  )
  const corrected = refunded.slice(-60)
  const [reduced, deleted] = [corrected.slice(0, 30), corrected.slice(30)]
  const [changed, gone] = [history.orders.slice(-400, -300), history.orders.slice(-490, -470)]
  const ofReturns = [
    ...reduced.map((row) => ({ ...row, refund: 0, _revision: 1 })),
    ...deleted.map(({ order, line, returned_at }) => ({ order, line, returned_at, _revision: 1, _tombstone: true })),
  ]
  const ofOrders = [
    ...changed.map((row) => ({ ...row, amount: 999, customer: 'C1', _revision: 4 })),
    ...gone.map(({ order, ordered_at }) => ({ order, ordered_at, _revision: 1, _tombstone: true })),
  ]
  expect(await platform.ingest('returns', ofReturns)).toMatchObject({ accepted: 60, rejected: [] })
  expect(await platform.ingest('orders', ofOrders)).toMatchObject({ accepted: 120, rejected: [] })

  const cut = platform.clock.now() + SECOND
  const then = knownShop()
  const before = expectedDataset(then, cut)
  const left = then.returns.filter(({ row }) => !corrected.includes(row as Return))
  const outcomes = [...left, ...reduced.map((row) => ({ row: { ...row, refund: 0 }, knownAt: row.returned_at }))]
  const labels = expectedDataset({ ...then, returns: outcomes }, cut).map(({ label }) => label)
  expect(labels.filter((label, row) => label !== before[row]!.label).length).toBeGreaterThan(10)
  const asksNoMore = new Set(gone.map((order) => JSON.stringify([order.ordered_at, valuesOf(order, then)])))
  const expected = before
    .map((row, index) => ({ ...row, label: labels[index]! }))
    .filter(({ t, values }) => !asksNoMore.has(JSON.stringify([t, values])))
  expect(expected).toHaveLength(before.length - gone.length)
  expect(sorted(rowsOf(await build('sent_back', cut)))).toEqual(sorted(expected))
})

const narrowerOptions = {
  ...({ predicts: sentBack.predicts, at: orders, time: 'ordered_at', trainer: sentBack.trainer } as const),
  label: label(returns, col('refund').gt(0)).on('order').within('2d').absent(false),
  split: byTime({ train: '9d', validate: '3d', test: '3d' }),
}
/** A model of the same question that reads less. */
const narrower = model('sent_back', {
  ...narrowerOptions,
  features: [customerOrders.pick('orders_2d'), orders.pick('amount')],
})

test('a rival of other definitions takes the vectors that it was trained on, of the same rows', async () => {
  const cut = lateAt + SECOND
  const own = await build('sent_back', cut)
  const rival = { role: 'champion', version: 1, scorer: '', encoders: '' } as const
  const vectors = { kind: 'own', project: shop, variant: 'full' } as const
  const job = await jobOf('sent_back', cut, collectProject([narrower]))
  const rivals = await rivalColumns({ ...job, rivals: [{ ...rival, vectors }] }, own.places)
  const { test: from } = splitRows(own.times, own.split)
  expect(rivals.get('champion')?.inputs.map(({ name }) => name)).toEqual(own.inputs.map(({ name }) => name))
  expect(rivals.get('champion')?.columns).toEqual(own.columns.map((column) => column.slice(from)))
})

test('a champion that reads what the candidate has not is compared by its own definitions', async () => {
  const { metadata } = platform.parts
  const champion = await readVersion(metadata, 'sent_back', (await currentServing(metadata, 'sent_back'))!.version)
  await platform.close()
  platform = (await openShop({ folder: folder.path, project: collectProject([narrower]), apply: true })).platform
  const answer = await platform.train('sent_back', { name: 'ann' }, { at: NOW })
  const { gate, evaluation } = await readVersion(platform.parts.metadata, 'sent_back', answer.version)
  expect(gate).toMatchObject({ checks: [{ against: 'baseline' }, { against: 'champion' }] })
  const auc = (of: unknown) => (of as Evaluation).metrics.auc!.value
  expect((gate as GateResult).checks[1]?.difference?.value).toBeCloseTo(auc(evaluation) - auc(champion.evaluation), 12)
})

test('a champion that reads what no stream has any more is not compared, and nothing is proved', async () => {
  await platform.close()
  const plain = collectProject([model('sent_back', { ...narrowerOptions, features: [orders.pick('amount')] })])
  const ofOrders = plain.streams['orders']!
  const schema = Object.fromEntries(Object.entries(ofOrders.schema).filter(([name]) => name !== 'customer'))
  const project = { ...plain, streams: { ...plain.streams, orders: { ...ofOrders, schema } } }
  platform = (await openShop({ folder: folder.path, project, apply: true })).platform
  const answer = await platform.train('sent_back', { name: 'ann' }, { at: NOW })
  expect(answer.gate.verdict).toBe('insufficient')
  const { gate } = await readVersion(platform.parts.metadata, 'sent_back', answer.version)
  expect(gate).toMatchObject({ checks: [{ against: 'baseline' }, { against: 'champion', verdict: 'insufficient' }] })
})
