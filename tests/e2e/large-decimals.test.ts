import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { batch, csv, parquet } from '../../src/index.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import { recentRows } from '../../src/platform/app/load/recent-rows.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { writeDatasetParts } from '../../src/platform/cli/write-dataset-parts.ts'
import { openDuckdb } from '../../src/stores/lake/duckdb.ts'
import { readColumns } from '../../src/stores/lake/read-columns.ts'
import { postJson } from './http.ts'
import {
  csvOf,
  importShop,
  makeHistory,
  NOW,
  openShop,
  sentBack,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'
import { newOrders, streamedShop } from './streamed-shop.ts'

/** Lie closer together than doubles do: divided by a hundred, a third of such units are those of another decimal. */
const amounts = ['90071992547409.91', '90071992547409.90', '-90071992547409.89', '70071992547409.93', '0.07']
const given = newOrders(amounts.length).map((order, index) => ({ ...order, amount: amounts[index]! }))

const { orders } = streamedShop.streams
const model = streamedShop.models['sent_back']!

/** The shop with amounts in cents, up to a largest one where there is one. */
function projectWith(largest: { readonly max?: number } = {}): ProjectDefinition {
  const amount = { type: 'decimal', scale: 2, nullable: false, ...largest } as const
  return {
    ...streamedShop,
    streams: { ...streamedShop.streams, orders: { ...orders!, schema: { ...orders!.schema, amount } } },
    models: {
      ...streamedShop.models,
      sent_back: { ...model, serve: { ...model.serve, modes: ['realtime', 'batch', 'stream'] } },
    },
    batches: {
      large: batch('large', {
        ...{ model: sentBack, population: csv('large.csv'), keep: ['amount'], to: parquet('scored.parquet') },
      }),
    },
  }
}

const ann = { name: 'ann' }

test('a decimal of sixteen digits is scored, logged and written as it came, by every way', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path, project: projectWith(), base: folder.path })
  await importShop(platform, folder.path, makeHistory())
  await trainAndServe(platform, 'sent_back')
  platform.parts.streaming.start()
  await platform.ingest('orders', given.slice(0, 2))
  await platform.parts.streaming.advance()
  const live = await loggedAmounts(platform)
  await platform.pauseStream('sent_back', { name: 'sre' }, 'For the test.')
  await platform.ingest('orders', given.slice(2))
  await platform.resumeStream('sent_back', { name: 'sre' }, 'It is over.')
  await platform.parts.streaming.advance()
  expect([live, await loggedAmounts(platform)].map(sorted)).toEqual([amounts.slice(0, 2), amounts].map(sorted))
  const asked = await recentRows(platform.parts, 'sent_back', amounts.length)
  expect(asked.map((row) => textOf(row['amount']))).toEqual(amounts)

  await writeFile(join(folder.path, 'large.csv'), csvOf(given.map((order) => ({ ...order, ordered_at: NOW }))))
  const run = await platform.runBatch('large', ann)
  expect(run.report).toMatchObject({ scored: amounts.length, rejected: 0 })
  expect(await written(join(folder.path, 'scored.parquet'))).toEqual({ amounts, type: 'DECIMAL(18,2)' })
  await writeFile(join(folder.path, 'large.csv'), csvOf(given).split('\n')[0]!)
  await platform.runBatch('large', ann)
  expect(await written(join(folder.path, 'scored.parquet'))).toEqual({ amounts: [], type: 'DECIMAL(18,2)' })
  await platform.close()
})

test('an event that is asked about again has its decimals as they came', async () => {
  await using folder = await temporaryFolder()
  const before = await openShop({ folder: folder.path, project: projectWith({ max: 1000 }) })
  await importShop(before.platform, folder.path, makeHistory())
  await trainAndServe(before.platform, 'refund_size')
  await before.platform.close()
  const { platform } = await openShop({ folder: folder.path, project: projectWith(), apply: true })
  platform.parts.streaming.start()
  await platform.ingest('orders', given)
  await platform.parts.streaming.advance()
  expect(sorted(await loggedAmounts(platform, 'refund_size'))).toEqual(sorted([amounts[2]!, amounts[4]!]))
  await trainAndServe(platform, 'refund_size')
  const mend = { stream: 'orders', set: ['customer = "C1"'], apply: true }
  expect(await platform.fixDeadLetters(mend, ann)).toMatchObject({ matched: 3, accepted: 3 })
  expect(sorted(await loggedAmounts(platform, 'refund_size'))).toEqual(sorted(amounts))
  await platform.close()
})

test('a vector has a decimal as the number that it is, and is scored to the bits of the row that it was made from', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path, project: projectWith() })
  const server = await servePlatform(platform, { port: 0 })
  await importShop(platform, folder.path, makeHistory())
  await trainAndServe(platform, 'sent_back')
  const rows = [0.07, 19.99, 333.75, 1250].map((amount) => ({ ...given[0]!, amount, ordered_at: NOW }))
  const { predictions } = (await postJson(`${server.url}/v1/models/sent_back/predict`, { rows, features: true })).body
  const inputs = predictions[0].features.map(({ name }: { name: string }, at: number) => {
    const data = predictions.map(({ features }: { features: { value: unknown }[] }) => features[at]!.value)
    return { name, shape: [rows.length], datatype: 'FP64', data }
  })
  const scores = predictions.map(({ score }: { score: number }) => score)
  for (const datatype of ['FP64', 'FP32']) {
    const sent = inputs.map((input: { name: string }) => (input.name === 'amount' ? { ...input, datatype } : input))
    const { body } = await postJson(`${server.url}/v2/models/sent_back/infer`, { inputs: sent })
    expect(body.outputs[0].data).toEqual(scores)
  }
  expect(new Set(scores).size).toBeGreaterThan(1)
  await server.close()
  await platform.close()
})

test('the rows that a model elsewhere is trained on have a decimal as the number that an imported model gets', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path, project: projectWith() })
  const history = makeHistory()
  await importShop(platform, folder.path, history)
  const answer = await platform.buildDataset('sent_back', { variant: 'without_windows' })
  expect(answer.decimals).toEqual({ amount: 2 })
  const rows = join(folder.path, 'rows')
  await writeDatasetParts(rows, answer)
  const duckdb = await openDuckdb({ temporaryFolder: folder.path })
  const [amounts] = await duckdb.withConnection((connection) =>
    readColumns(connection, `SELECT amount FROM '${rows}/*.parquet' WHERE amount IS NOT NULL`, ['double']),
  )
  duckdb.close()
  const known = new Set(history.orders.map(({ amount }) => amount))
  expect(amounts!.length).toBeGreaterThan(100)
  expect(amounts!.filter((amount) => !known.has(amount))).toEqual(new Float64Array(0))
  await platform.close()
})

const sorted = (texts: readonly string[]) => texts.toSorted()

/** Large amounts are shown as texts. */
const textOf = (amount: unknown) => (typeof amount === 'number' ? amount.toFixed(2) : amount)

async function loggedAmounts(platform: OwnedPlatform, name = 'sent_back'): Promise<string[]> {
  const { predictions } = await platform.loggedPredictions({ model: name })
  return Promise.all(
    predictions.map(async ({ prediction_id }) => {
      const { row } = await platform.loggedPrediction(prediction_id)
      return String(textOf((row as { amount: unknown }).amount))
    }),
  )
}

async function written(file: string): Promise<{ readonly amounts: readonly string[]; readonly type: string }> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const rows = await connection.runAndReadAll(`SELECT amount::VARCHAR AS amount FROM '${file}'`)
  const types = await connection.runAndReadAll(
    `SELECT column_type AS type FROM (DESCRIBE SELECT amount FROM '${file}')`,
  )
  connection.closeSync()
  instance.closeSync()
  return {
    amounts: rows.getRowObjects().map((row) => String(row['amount'])),
    type: String(types.getRowObjects()[0]!['type']),
  }
}
