import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { beginAfter, type ConsumedBatch } from './consumer.ts'
import type { EventLog, NewEvents } from './event-log.ts'
import { openLog } from './sqlite-event-log.ts'

const NOON = Date.UTC(2025, 5, 1, 12) * 1000
const layout = { model: 'm', version: 1, digest: 'sha256:1', features: ['a'], groups: ['g'] }

function outputs(...ids: string[]): NewEvents {
  return {
    length: ids.length,
    ids,
    keys: ids,
    partitions: new Uint8Array(ids.length),
    eventTimes: new Float64Array(ids.length).fill(NOON),
    rows: ids.map((id) => JSON.stringify({ event: id })),
  }
}

/** What a consumer made of `scored` events up to an offset, and of one that it could not score. */
function batchOf(log: EventLog, after: number, offset: number, ...ids: string[]): ConsumedBatch {
  const block = log.createPredictionBlock(layout)
  for (const id of ids)
    block.add({
      ...{ t: NOON, servedAt: NOON, mode: 'stream', row: JSON.stringify({ event: id }), latency: 0, score: 0.5 },
      ...{ values: Float64Array.of(1), statuses: Uint8Array.of(0) },
      ...{ generations: [0], partitions: [0], offsets: [offset] },
    })
  return {
    ...{ consumer: 'm', after, offset, knownAt: NOON },
    counts: { received: ids.length + 1, scored: ids.length, rejected: 1, passed: 0, fallbacks: 0 },
    outputs: { stream: 'm_predictions', events: outputs(...ids) },
    predictions: [block],
    rejected: [{ stream: 'asks', scope: 'scoring', code: 'wrong_type', reason: 'It is no number.', row: '{}' }],
  }
}

async function rowsOf(log: EventLog) {
  const predictions: string[] = []
  for await (const { rows } of log.scanPredictions()) predictions.push(...rows)
  const made = log.readTail('m_predictions', 0, 1000, 1000).map(({ row }) => row)
  return { predictions, outputs: made, letters: log.deadLetters({}).total, position: log.consumer('m') }
}

test('outputs, predictions, dead letters and the offset of a consumer are there together, also after a restart', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-consumer-'))
  const path = join(folder.path, 'log.db')
  const log = await openLog(path, { clock: virtualClock(NOON) })
  expect(log.consumer('m')).toBeUndefined()
  log.beginConsumer('m', beginAfter(9, NOON))
  const { firstOffset, ticket } = log.commitConsumed(batchOf(log, 9, 12, 'a', 'b'))
  expect([firstOffset, log.nextOffset]).toEqual([0, 2])
  await log.durable(ticket)
  const told = await rowsOf(log)
  expect(told).toEqual({
    predictions: ['{"event":"a"}', '{"event":"b"}'],
    outputs: ['{"event":"a"}', '{"event":"b"}'],
    letters: 1,
    position: { offset: 12, knownAt: NOON, received: 3, scored: 2, rejected: 1, passed: 0, fallbacks: 0 },
  })
  expect(log.conservation('m_predictions')).toMatchObject({ received: 2, accepted: 2 })
  await log.close()
  const again = await openLog(path, { clock: virtualClock(NOON) })
  expect(await rowsOf(again)).toEqual(told)
  await again.close()
})

test('a batch that does not begin where the consumer stands is refused whole', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-consumer-'))
  const log = await openLog(join(folder.path, 'log.db'), { clock: virtualClock(NOON) })
  expect(() => log.commitConsumed(batchOf(log, -1, 3, 'a'))).toThrow('m stands at undefined')
  log.beginConsumer('m', beginAfter(-1, NOON))
  log.commitConsumed(batchOf(log, -1, 3, 'a'))
  expect(() => log.commitConsumed(batchOf(log, -1, 3, 'a'))).toThrow('m stands at 3, and not at -1')
  await log.drained()
  expect(await rowsOf(log)).toMatchObject({ outputs: ['{"event":"a"}'], letters: 1, position: { received: 2 } })
  await log.close()
})
