import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { VirtualClock } from '../../src/core/clock.ts'
import { DAY, HOUR, MINUTE } from '../../src/core/time.ts'
import { batch, csv, env, parquet, postgres, quantileOf, rowCount, rowsOf, sqlite } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { beginBatchRun } from '../../src/operate/serving/batch/batch-store.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { jobToKill, killBatches } from '../faults/kill-batches.ts'
import {
  csvOf,
  importShop,
  makeHistory,
  NOW,
  openShop,
  orders,
  refundSize,
  sentBack,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'

const history = makeHistory()
/** Orders to come, some of them twice, some of them wrong. */
const population = [
  ...history.orders
    .slice(-40)
    .map((order, index) => ({ ...order, order: `N${index}`, ordered_at: NOW + index * MINUTE })),
  ...history.orders.slice(100, 130),
].flatMap((order, index) => (index % 7 === 0 ? [order, order] : [order]))
const wrong = { order: 'W', customer: 'C1', product: 'P1', amount: 5000, card: null, ordered_at: NOW }

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform
let clock: VirtualClock

/** Nobody has set it. */
const URL_VARIABLE = 'TRUELINE_TEST_DATABASE'
const toFiles = { model: sentBack, population: csv('data/population.csv'), keep: ['amount', 'product'] } as const
const project = collectProject([
  sentBack,
  refundSize,
  batch('to_parquet', { ...toFiles, to: parquet('data/scores.parquet') }),
  batch('to_csv', { ...toFiles, to: csv('data/scores.csv') }),
  batch('to_nowhere', { ...toFiles, to: csv('no/such/folder/scores.csv') }),
  batch('to_sqlite', { ...toFiles, to: sqlite('data/scores.db', { table: 'scores' }), write: 'append' }),
  batch('timeless', {
    ...{ model: sentBack, population: csv('data/timeless.csv'), to: parquet('data/timeless.parquet'), rejectBudget: 1 },
  }),
  batch('misnamed', { ...toFiles, columns: { amount: 'value' }, to: csv('data/misnamed.csv') }),
  batch('of_database', { ...toFiles, to: postgres({ url: env(URL_VARIABLE), table: 'scores' }) }),
  batch('held', { ...toFiles, to: csv('data/held.csv'), quality: [quantileOf('score', 0.5).atMost(0)] }),
  batch('of_stream', {
    ...{ model: sentBack, population: rowsOf(orders, { last: '1d' }), to: parquet('data/stream.parquet') },
    ...{ schedule: '0 4 * * *', quality: [rowCount().atLeast(10)] },
  }),
])

beforeAll(async () => {
  folder = await temporaryFolder()
  const opened = await openShop({ folder: folder.path, project, base: folder.path })
  platform = opened.platform
  clock = opened.clock
  await importShop(platform, folder.path, history)
  await trainAndServe(platform, 'sent_back')
  await writeFile(
    join(folder.path, 'data/population.csv'),
    csvOf([...population.slice(0, 5), wrong, ...population.slice(5)]),
  )
})

afterAll(async () => {
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

async function rowsIn(file: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(
    `SELECT * REPLACE (epoch_us(t)::DOUBLE AS t) FROM '${join(folder.path, file)}'`,
  )
  connection.closeSync()
  instance.closeSync()
  return reader.getRowObjects() as Record<string, unknown>[]
}

const ann = { name: 'ann' }

test('a population gets one row for each of its rows, and the bits of predictions by entity and of their replays', async () => {
  const run = await platform.runBatch('to_parquet', ann)
  expect(run).toMatchObject({ status: 'succeeded', kind: 'asked', batch: 'to_parquet', by: { name: 'ann' } })
  expect(run.report).toMatchObject({
    ...{ received: population.length + 1, scored: population.length, rejected: 1 },
    ...{ reasons: { out_of_range: 1 }, published: true },
  })
  const { predictions } = await platform.predict('sent_back', population)
  const rows = await rowsIn('data/scores.parquet')
  expect(rows).toHaveLength(population.length)
  for (const [index, row] of rows.entries()) {
    const served = predictions[index]!
    const asked = population[index]!
    expect(row).toMatchObject({
      ...{ order: asked.order, amount: asked.amount, product: asked.product, t: asked.ordered_at },
      ...{ model: 'sent_back', version: run.version, run_id: run.id },
      // The wrong row has a place of its own.
      prediction_id: `${run.id}-${index < 5 ? index : index + 1}`,
    })
    if (!('score' in served)) throw new Error(served.error.error)
    expect([row['score'], row['decision']]).toEqual([served.score, served.decision])
    if (index % 20 === 0) {
      const { replayed } = await platform.replay(served.prediction_id)
      expect(replayed?.score).toBe(row['score'])
    }
  }
  for (const looked of [platform.trace, platform.replay, platform.loggedPrediction])
    await expect(looked(`${run.id}-3`)).rejects.toMatchObject({
      ...{ code: 'prediction_of_batch', remedy: expect.stringContaining(`prediction_id = '${run.id}-3'`) },
      message: expect.stringMatching(/row 3, .*population.*sent_back v\d+ as of .*scores\.parquet/),
    })
  await expect(platform.trace('b900-3')).rejects.toMatchObject({ code: 'unknown_prediction' })
  const rejected = (await readFile(run.report!.rejects!, 'utf8')).trim().split('\n')
  expect(rejected.map((line) => JSON.parse(line))).toMatchObject([
    { ordinal: 5, code: 'out_of_range', path: 'amount', row: expect.stringContaining('"card":"***"') },
  ])
  expect(run.report!.score!.counts.reduce((sum, count) => sum + count, 0)).toBe(population.length)
  expect(run.report!.drift.map(({ name }) => name).toSorted()).toContain('customer_orders.spent')
})

test('a population without the column of t is asked as of the run, and its faults are told as such', async () => {
  const rows = population.slice(0, 4).map(({ ordered_at, ...row }) => row)
  await writeFile(join(folder.path, 'data/timeless.csv'), csvOf([...rows, { ...rows[0]!, amount: -1 }]))
  const run = await platform.runBatch('timeless', ann)
  expect(run.report).toMatchObject({ scored: 4, rejected: 1, reasons: { out_of_range: 1 } })
  const scored = await rowsIn('data/timeless.parquet')
  const asked = rows.map((row) => ({ ...row, ordered_at: run.at }))
  const { predictions } = await platform.predict('sent_back', asked)
  expect(scored.map(({ score, t }) => [score, t])).toEqual(
    predictions.map((one) => ['score' in one ? one.score : undefined, run.at]),
  )
})

test('a column that the population has not is named, and not those that stand in its place', async () => {
  await expect(platform.runBatch('misnamed', ann)).rejects.toMatchObject({
    ...{ code: 'missing_column', path: 'value' },
    message: "The population has no column 'value' to be read as 'amount'.",
    remedy: expect.stringContaining('amount'),
  })
})

test('CSV and SQLite hold the same rows, and a second run appends its own', async () => {
  const first = await platform.runBatch('to_csv', ann)
  const lines = (await readFile(join(folder.path, 'data/scores.csv'), 'utf8')).trim().split('\n')
  expect(lines).toHaveLength(population.length + 1)
  expect(lines[0]).toBe(
    'order,amount,product,t,score,decision,decided_by,reason,prediction_id,model,version,digest,run_id',
  )
  const runs = [await platform.runBatch('to_sqlite', ann), await platform.runBatch('to_sqlite', ann)]
  using database = openTable('data/scores.db')
  const found = database.all(
    'SELECT run_id, count(*) AS rows, sum(score) AS total FROM scores GROUP BY run_id ORDER BY 1',
  )
  expect(found.map((one) => one['run_id'])).toEqual(runs.map(({ id }) => id))
  const total = (await rowsIn('data/scores.parquet')).reduce((sum, row) => sum + (row['score'] as number), 0)
  for (const one of found) {
    expect(one['rows']).toBe(population.length)
    expect(one['total']).toBeCloseTo(total, 9)
  }
  const t = new Date(population[0]!.ordered_at / 1000).toISOString().replace('Z', '000Z')
  expect(database.all('SELECT t FROM scores LIMIT 1')).toEqual([{ t }])
  expect(lines[1]!.split(',')[3]).toBe(t)
  expect(first.report!.outputDigest).toMatch(/^sha256:/)
})

function openTable(file: string) {
  const database = new DatabaseSync(join(folder.path, file), { readOnly: true })
  return {
    all: (sql: string) => database.prepare(sql).all() as Record<string, unknown>[],
    [Symbol.dispose]: () => database.close(),
  }
}

test('an output that breaches its checks is kept aside, with an alert', async () => {
  const run = await platform.runBatch('held', ann)
  expect(run).toMatchObject({ status: 'held', report: { published: false } })
  await expect(readFile(join(folder.path, 'data/held.csv'))).rejects.toThrow('ENOENT')
  expect(await readFile(run.report!.output, 'utf8')).toContain(run.id)
  const { alerts } = await platform.alerts({ open: true })
  const ofBatch = alerts.filter(({ model }) => model === 'batch/held').map(({ kind }) => kind)
  expect(ofBatch.toSorted()).toEqual(['batch_failed', 'quality_failed'])
})

test('a schedule scores as of its own moment, and tells of the moments that it missed', async () => {
  await platform.tick()
  clock.advanceTo(NOW + 4 * HOUR)
  await platform.tick()
  const [run] = await platform.batchRuns({ batch: 'of_stream' })
  expect(run).toMatchObject({ status: 'succeeded', kind: 'schedule', at: NOW + 4 * HOUR })
  const rows = await rowsIn('data/stream.parquet')
  const expected = history.orders.filter(({ ordered_at }) => ordered_at >= NOW + 4 * HOUR - DAY)
  expect(rows.map((row) => row['order']).toSorted()).toEqual(expected.map(({ order }) => order).toSorted())
  clock.advanceTo(NOW + 2 * DAY + 5 * HOUR)
  await platform.tick()
  const after = await platform.batchRuns({ batch: 'of_stream' })
  expect(after.map(({ at, status }) => [at, status])).toEqual([
    [NOW + 2 * DAY + 4 * HOUR, 'held'],
    [NOW + 4 * HOUR, 'succeeded'],
  ])
  const { alerts } = await platform.alerts({ open: true })
  expect(alerts.filter(({ model }) => model === 'batch/of_stream').map(({ kind }) => kind)).toContain('batch_missed')
})

test('a folder that takes no file is told as such, and no defect of the program', async () => {
  await expect(platform.runBatch('to_nowhere', { name: 'ann' })).rejects.toMatchObject({
    code: 'destination_unavailable',
    path: join(folder.path, 'no/such/folder/scores.csv'),
  })
})

test('names and models that cannot be scored are refused by code', async () => {
  await expect(platform.runBatch('nightly', ann)).rejects.toMatchObject({ code: 'unknown_batch' })
  await expect(platform.cancelBatch('to_csv', ann)).rejects.toMatchObject({ code: 'unknown_batch' })
  const start = { population: 'a', destination: 'b' }
  const [ofBatch] = await platform.batchRuns({ batch: 'to_csv' })
  await expect(platform.beginScoring('sent_back', ann, { ...start, run: ofBatch!.id })).rejects.toMatchObject({
    code: 'run_finished',
  })
  expect(await platform.batchRun(ofBatch!.id)).toEqual(ofBatch)
  await expect(platform.beginScoring('refund_size', ann, start)).rejects.toMatchObject({ code: 'no_model_serving' })
})

/** More of them are a suite of `npm run test:engines`. */
const KILLS = Number(process.env['TRUELINE_KILLS'] ?? 2)

test('a scoring that is killed ends as one that never was: nothing lost, nothing doubled', {
  timeout: 300_000,
}, async () => {
  await killBatches(await jobToKill(platform, folder.path, history.orders), folder.path, KILLS)
})

test('a run that is cancelled publishes nothing, and one that a stop broke off goes on at the next start', async () => {
  const cancelled = platform.runBatch('to_csv', ann)
  const ended = expect(cancelled).rejects.toMatchObject({ code: 'batch_cancelled' })
  await until(async () => (await platform.batchRuns({ batch: 'to_csv' }))[0]?.status === 'running')
  await expect(platform.runBatch('to_csv', ann)).rejects.toMatchObject({ code: 'batch_under_way' })
  expect(await platform.cancelBatch('to_csv', ann)).toMatchObject({ status: 'cancelled' })
  await ended
  const stopped = platform.runBatch('to_parquet', ann)
  const left = expect(stopped).rejects.toMatchObject({ code: 'platform_stopped' })
  await until(async () => (await platform.batchRuns({ batch: 'to_parquet' }))[0]?.status === 'running')
  // One that was killed when it was on record, before its job was.
  const [done] = await platform.batchRuns({ batch: 'to_csv', limit: 1 })
  const unwritten = await beginBatchRun(platform.parts.metadata, { ...done!, at: NOW })
  await platform.close()
  await left
  platform = (await openShop({ folder: folder.path, project, base: folder.path, now: clock.now() })).platform
  const [before] = await platform.batchRuns({ batch: 'to_parquet' })
  expect(before!.status).toBe('running')
  // It goes on before anything else of its batch begins.
  await expect(platform.runBatch('to_parquet', ann)).rejects.toMatchObject({ code: 'batch_under_way' })
  await platform.tick()
  expect(await platform.batchRun(before!.id)).toMatchObject({
    status: 'succeeded',
    report: { scored: population.length },
  })
  expect((await rowsIn('data/scores.parquet')).every((row) => row['run_id'] === before!.id)).toBe(true)
  const { offset, version } = unwritten
  expect(await platform.batchRun(unwritten.id)).toMatchObject({ ...{ status: 'succeeded', at: NOW, offset, version } })
})

test('a run that lacks a variable of its environment can go on when there is one', async () => {
  for (let time = 0; time < 2; time += 1)
    await expect(platform.runBatch('of_database', ann)).rejects.toMatchObject({ code: 'setting_missing' })
  const runs = await platform.batchRuns({ batch: 'of_database' })
  expect(runs).toMatchObject([{ status: 'failed', error: { code: 'setting_missing' } }])
  vi.stubEnv(URL_VARIABLE, 'hunter2@127.0.0.1')
  for (let time = 0; time < 2; time += 1)
    await expect(platform.runBatch('of_database', ann)).rejects.toMatchObject({ code: 'setting_invalid' })
  vi.unstubAllEnvs()
  expect(await platform.batchRuns({ batch: 'of_database' })).toMatchObject([{ id: runs[0]!.id, status: 'failed' }])
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(5)
}
