import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { batch, csv, parquet } from '../../src/index.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
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

const amount = { type: 'decimal', scale: 2, nullable: false } as const
const { orders } = streamedShop.streams
const model = streamedShop.models['sent_back']!
const project: ProjectDefinition = {
  ...streamedShop,
  streams: { ...streamedShop.streams, orders: { ...orders!, schema: { ...orders!.schema, amount } } },
  models: { sent_back: { ...model, serve: { ...model.serve, modes: ['realtime', 'batch', 'stream'] } } },
  batches: {
    large: batch('large', {
      ...{ model: sentBack, population: csv('large.csv'), keep: ['amount'], to: parquet('scored.parquet') },
    }),
  },
}

test('a decimal of sixteen digits is scored, logged and written as it came, by every way', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path, project, base: folder.path })
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

  await writeFile(join(folder.path, 'large.csv'), csvOf(given.map((order) => ({ ...order, ordered_at: NOW }))))
  const run = await platform.runBatch('large', { name: 'ann' })
  expect(run.report).toMatchObject({ scored: amounts.length, rejected: 0 })
  expect(await writtenAmounts(join(folder.path, 'scored.parquet'))).toEqual(amounts)
  await platform.close()
})

const sorted = (texts: readonly string[]) => texts.toSorted()

async function loggedAmounts(platform: OwnedPlatform): Promise<string[]> {
  const { predictions } = await platform.loggedPredictions({ model: 'sent_back' })
  return Promise.all(
    predictions.map(async ({ prediction_id }) => {
      const { row } = await platform.loggedPrediction(prediction_id)
      const shown = (row as { amount: number | string }).amount
      return typeof shown === 'string' ? shown : shown.toFixed(2)
    }),
  )
}

async function writtenAmounts(file: string): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(`SELECT amount::VARCHAR AS amount FROM '${file}'`)
  connection.closeSync()
  instance.closeSync()
  return reader.getRowObjects().map((row) => String(row['amount']))
}
