import { expect, test } from 'vitest'
import { MINUTE } from '../../core/time.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import type { SinkState } from '../../operate/serving/prediction-sink.ts'
import { createSinkWatch } from './watch-sink.ts'

test('events that are refused for good, and a receiver that takes none for a quarter of an hour, are one alert', async () => {
  const told: string[] = []
  const desk: AlertDesk = {
    raise: async ({ kind, title }) => void told.push(`${kind}: ${title}`),
    resolve: async ({ kind }) => void told.push(`over ${kind}`),
  }
  const sink: { state: SinkState } = { state: { delivered: 0, skipped: 0, missed: 0, failures: 0 } }
  const watch = createSinkWatch(sink, desk, 0)
  sink.state = { delivered: 5, skipped: 2, missed: 0, failures: 0 }
  await watch(MINUTE)
  await watch(2 * MINUTE)
  expect(told).toEqual(['sink_failing: 2 predictions were refused by their receiver for good, and skipped.'])
  await watch(12 * MINUTE)
  expect(told.slice(1)).toEqual(['over sink_failing'])
  sink.state = { delivered: 5, skipped: 2, missed: 0, failures: 9, lastFailure: 'answered 403', oldest: 20 * MINUTE }
  await watch(30 * MINUTE)
  expect(told).toHaveLength(2)
  await watch(36 * MINUTE)
  expect(told.slice(2)).toEqual([
    'sink_failing: The receiver of predictions has taken none for 16 minutes: answered 403.',
  ])
  sink.state = { delivered: 900, skipped: 2, missed: 0, failures: 0 }
  await watch(40 * MINUTE)
  await watch(46 * MINUTE)
  await watch(90 * MINUTE)
  expect(told.slice(3)).toEqual(['over sink_failing'])
  // It takes all, and more slowly than they are made; some are gone before it has taken them.
  sink.state = { delivered: 999, skipped: 2, missed: 0, failures: 0, oldest: 90 * MINUTE }
  await watch(110 * MINUTE)
  sink.state = { delivered: 999, skipped: 2, missed: 7, failures: 0 }
  await watch(111 * MINUTE)
  expect(told.slice(4)).toEqual([
    'sink_failing: The receiver of predictions is 20 minutes behind: it takes them, and too slowly.',
    'sink_failing: 7 predictions were removed from the log before their receiver had taken them.',
  ])
})
