import { expect, test } from 'vitest'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import { createTailExtent } from './tail-extent.ts'

function batch(stream: string, offsets: readonly number[], eventTimes: readonly number[]): EventBatch {
  const { length } = offsets
  return {
    ...{ stream, length, generation: 0, id: offsets.map(String), columns: [] },
    ...{ offset: Float64Array.from(offsets), eventTime: Float64Array.from(eventTimes) },
    ...{ partition: new Uint8Array(length), knownAt: new Float64Array(length) },
  }
}

test('a time needs the tail when an event that is in no file yet may lie before it', () => {
  const log = { flushedOffset: -1 }
  const tail = createTailExtent(log)
  expect(tail.mayHold('a', 100)).toBe(false)
  tail.take(batch('a', [0, 1], [50, 40]))
  tail.take(batch('b', [2], [10]))
  tail.take(batch('a', [3], [60]))
  expect([tail.mayHold('a', 40), tail.mayHold('a', 41), tail.mayHold('b', 11)]).toEqual([false, true, true])
  log.flushedOffset = 2
  expect([tail.mayHold('a', 41), tail.mayHold('b', 11)]).toEqual([true, false])
  log.flushedOffset = 3
  expect(tail.mayHold('a', 1000)).toBe(false)
  // What came before the flush is forgotten, and what an import put into files at once never counts.
  tail.take(batch('a', [4], [70]))
  tail.take(batch('a', [1], [5]))
  expect([tail.mayHold('a', 70), tail.mayHold('a', 71)]).toEqual([false, true])
})

test('a correction reaches back to the row that it takes the place of', () => {
  const tail = createTailExtent({ flushedOffset: 3 })
  const old = { batch: batch('a', [2], [20]), row: 0 }
  tail.take({ ...batch('a', [4], [70]), corrections: [{ row: 0, old, counts: true }] })
  expect([tail.mayHold('a', 20), tail.mayHold('a', 21)]).toEqual([false, true])
})
