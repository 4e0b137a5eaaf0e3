import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../core/time.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { AlertDesk } from './alert-desk.ts'
import { createStreamMonitor } from './stream-monitor.ts'
import { StreamWatch } from './stream-watch.ts'

const start = 11_323 * DAY

const project: ProjectDefinition = {
  streams: {
    arrivals: {
      ...{ kind: 'stream', name: 'arrivals', schema: {}, key: [], id: [], time: 'at', knownAt: { lag: 0 } },
      ...{ ahead: 0, corrections: { within: DAY } },
    },
  },
  entities: {},
  features: {
    delays: {
      ...{ kind: 'features', name: 'delays', entity: 'origin', from: 'arrivals', keys: {}, select: {} },
      ...{ horizon: DAY, freshness: 10 * MINUTE, expect: [] },
    },
  },
  requests: {},
  derived: {},
  tables: {},
  models: {},
}

function watched(of = project) {
  const notices: string[] = []
  const open = new Set<string>()
  const desk: AlertDesk = {
    async raise({ kind, title }) {
      open.add(kind)
      notices.push(`raise ${kind}: ${title}`)
    },
    async resolve({ model, kind }) {
      if (open.delete(kind)) notices.push(`resolve ${model} ${kind}`)
    },
  }
  return { monitor: createStreamMonitor(() => of, desk, start), notices, desk }
}

/** Ten rows every two minutes, but none from 2 to 5 in the morning; a part of them rejected. */
async function play(
  monitor: ReturnType<typeof watched>['monitor'],
  from: number,
  to: number,
  rejected = 0,
): Promise<void> {
  for (let at = start + from; at < start + to; at += 2 * MINUTE) {
    if (monitor.due <= at) await monitor.advance(at)
    const hour = Math.floor(at / HOUR) % 24
    if (hour >= 2 && hour < 5) continue
    monitor.took('arrivals', at, { accepted: 10 - rejected, rejected })
  }
}

test('a stream that pauses every night is not stale at night, and stale when it falls silent', async () => {
  const { monitor, notices } = watched()
  await play(monitor, 0, 3 * DAY + 12 * HOUR)
  expect(notices).toEqual([])
  await monitor.advance(start + 3 * DAY + 17 * HOUR)
  expect(notices).toEqual([])
  expect(monitor.due).toBeLessThanOrEqual(start + 3 * DAY + 18 * HOUR + 10 * MINUTE)
  await monitor.advance(start + 3 * DAY + 19 * HOUR)
  expect(notices).toEqual([
    'raise stream_stale: arrivals has brought no event for 7 hours, since 2001-01-04T11:58:00Z; its longest pause in a week was 3 hours.',
  ])
  await play(monitor, 3 * DAY + 20 * HOUR, 3 * DAY + 22 * HOUR)
  expect(notices.at(-1)).toBe('resolve stream/arrivals stream_stale')
})

test('a promise that is changed counts from then on', async () => {
  let now = project
  const notices: string[] = []
  const desk: AlertDesk = { raise: async ({ kind }) => void notices.push(kind), resolve: async () => {} }
  const monitor = createStreamMonitor(() => now, desk, start)
  const silent = { ...project.features['delays']!, freshness: 3 * DAY }
  now = { ...project, features: { delays: silent } }
  monitor.took('arrivals', start, { accepted: 1, rejected: 0 })
  await monitor.advance(start + 2 * DAY)
  expect(notices).toEqual([])
  expect(monitor.due).toBeLessThanOrEqual(start + 3 * DAY)
  now = project
  await monitor.advance(start + 2 * DAY + MINUTE)
  expect(notices).toEqual(['stream_stale'])
})

test('before a day was watched nothing is stale', async () => {
  const { monitor, notices } = watched()
  await play(monitor, 0, HOUR)
  await monitor.advance(start + 23 * HOUR)
  expect(notices).toEqual([])
  await monitor.advance(start + 25 * HOUR)
  expect(notices).toHaveLength(1)
})

test('a few rejected rows are usual, many for two hours are an alert, which does not become usual', async () => {
  const { monitor, notices } = watched()
  await play(monitor, 6 * HOUR, 12 * HOUR)
  expect(notices).toEqual([])
  await play(monitor, 12 * HOUR, 13 * HOUR, 4)
  await play(monitor, 13 * HOUR, 14 * HOUR)
  expect(notices).toEqual([])
  await play(monitor, 14 * HOUR, 24 * HOUR + 2 * MINUTE, 4)
  expect(notices[0]).toBe('raise stream_rejects: arrivals: 40% of 300 rows in an hour were rejected; 0% is usual.')
  expect(notices.every((notice) => notice.startsWith('raise'))).toBe(true)
  await play(monitor, 30 * HOUR, 34 * HOUR)
  expect(notices.at(-1)).toBe('resolve stream/arrivals stream_rejects')
})

test('a stream of answers is not missed when nobody asks, unless something reads it', async () => {
  const answers = { ...project.streams['arrivals']!, name: 'late_flight_predictions' }
  // Of the model its name alone is looked at, and the stream that asks.
  const models = { late_flight: { at: 'arrivals' } } as unknown as ProjectDefinition['models']
  const asked = { ...project, models, streams: { late_flight_predictions: answers } }
  const alone = watched(asked)
  await alone.monitor.advance(start + 3 * DAY)
  expect(alone.notices).toEqual([])
  const delays = { ...project.features['delays']!, from: 'late_flight_predictions' }
  const read = watched({ ...asked, features: { delays } })
  await read.monitor.advance(start + 3 * DAY)
  expect(read.notices).toEqual([expect.stringContaining('late_flight_predictions has brought no event')])
})

test('the hours and pauses of a stream are those of before 1970, too', () => {
  const watch = new StreamWatch(() => undefined, -9 * DAY)
  for (let at = -9 * DAY; at <= DAY; at += 30 * MINUTE) watch.took(at, 199, 1)
  const hours = watch.takeHours()
  expect(hours).toHaveLength(10 * 24)
  expect(hours.at(-1)).toEqual({ verdict: 'good', from: DAY - HOUR, n: 400, share: 0.005, usual: 0.005 })
  expect(watch.pause(DAY)).toEqual({ verdict: 'good', last: DAY, longest: 30 * MINUTE })
})
