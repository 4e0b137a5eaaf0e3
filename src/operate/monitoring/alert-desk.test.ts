import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { DAY, HOUR, MINUTE } from '../../core/time.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { type AlertDesk, type AlertNotice, createAlertDesk } from './alert-desk.ts'
import { listAlerts } from './alert-store.ts'
import { Conditions, type Finding } from './conditions.ts'
import type { WindowVerdict } from './persistence.ts'
import { createRequestMonitor } from './request-monitor.ts'
import { createStreamMonitor } from './stream-monitor.ts'

async function temporaryDesk() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-desk-'))
  const clock = virtualClock(1000)
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock })
  const lines: string[] = []
  const notices: AlertNotice[] = []
  const write = (level: string) => (_fields: object, message: string) => void lines.push(`${level} ${message}`)
  const log = { error: write('error'), warn: write('warn'), info: write('info') }
  return {
    ...{ clock, metadata, lines, notices },
    desk: createAlertDesk(metadata, log, (notice) => notices.push(notice)),
    async [Symbol.asyncDispose]() {
      await metadata.close()
      await folder.remove()
    },
  }
}

const wording = { title: 'late_flight v7: slow.', evidence: { low: 0.04 }, effect: { share: 0.05 }, n: 900 }

test('an alert is logged and sent when it opens and when it resolves, and kept up to date between', async () => {
  await using temporary = await temporaryDesk()
  const { desk, lines, notices, metadata, clock } = temporary
  const subject = { model: 'late_flight', kind: 'latency_slo' } as const
  await desk.raise({ ...subject, ...wording })
  clock.advanceTo(2000)
  await desk.raise({ ...subject, ...wording, title: 'late_flight v7: slower.', n: 1800 })
  expect(lines).toEqual(['error late_flight v7: slow.'])
  expect((await listAlerts(metadata)).items).toMatchObject([
    { severity: 'page', title: 'late_flight v7: slower.', n: 1800, openedAt: 1000, lastSeenAt: 2000 },
  ])
  await desk.resolve(subject, 'It is good again.')
  await desk.resolve(subject, 'It is good again.')
  expect(lines).toEqual(['error late_flight v7: slow.', 'info Resolved: late_flight v7: slower. It is good again.'])
  expect(notices.map(({ event, alert }) => [event, alert.id, alert.runbook])).toEqual([
    ['opened', 'alert-1', 'docs/runbooks/latency_slo.md'],
    ['resolved', 'alert-1', 'docs/runbooks/latency_slo.md'],
  ])
})

test('a ticket is a warning', async () => {
  await using temporary = await temporaryDesk()
  await temporary.desk.raise({ model: 'late_flight', kind: 'data_drift', ...wording })
  expect(temporary.lines).toEqual(['warn late_flight v7: slow.'])
})

test('conditions of different subjects do not mix, and a reset resolves them all', async () => {
  await using temporary = await temporaryDesk()
  const { desk, lines } = temporary
  const conditions = new Conditions('late_flight', desk)
  const finding = (feature: string, verdict: WindowVerdict, from: number): Finding => ({
    ...{ kind: 'label_coverage', feature, verdict, from },
    describe: (since) => ({ ...wording, title: `${feature} since ${since}` }),
  })
  const take = async (feature: string, verdict: WindowVerdict, from: number) =>
    await conditions.take(finding(feature, verdict, from))?.()
  for (const [from, verdict] of (['bad', 'good', 'bad'] as const).entries()) await take('a', verdict, from)
  await take('b', 'bad', 3)
  expect(lines).toEqual(['warn a since 2'])
  await take('b', 'bad', 4)
  expect(conditions.open()).toEqual([
    { kind: 'label_coverage', feature: 'a', since: 2 },
    { kind: 'label_coverage', feature: 'b', since: 3 },
  ])
  await conditions.reset('Version 8 serves now.')()
  expect(lines.slice(1)).toEqual([
    'warn b since 3',
    'info Resolved: a since 2 Version 8 serves now.',
    'info Resolved: b since 3 Version 8 serves now.',
  ])
  expect(conditions.open()).toEqual([])
})

test('a condition taken over from before a restart closes without having opened', async () => {
  await using temporary = await temporaryDesk()
  const { desk, lines } = temporary
  await desk.raise({ model: 'late_flight', kind: 'error_rate', ...wording })
  const conditions = new Conditions('late_flight', desk)
  conditions.restore({ kind: 'error_rate', feature: undefined, since: 1000 })
  for (let minute = 0; minute < 15; minute++)
    await conditions.take({ kind: 'error_rate', verdict: 'good', from: minute, describe: () => wording })?.()
  expect(lines.at(-1)).toBe('info Resolved: late_flight v7: slow. It is good again.')
})

test('alerts about the server and about streams that were open at a restart close when all has been well for as long as it takes', async () => {
  await using temporary = await temporaryDesk()
  const { desk, lines, metadata } = temporary
  const arrivals = { model: 'stream/arrivals' } as const
  await desk.raise({ model: 'serving', kind: 'requests_lost', ...wording, title: 'Lost.' })
  await desk.raise({ ...arrivals, kind: 'stream_rejects', ...wording, title: 'Rejected.' })
  await desk.raise({ ...arrivals, kind: 'stream_stale', ...wording, title: 'Silent.' })
  const lost = { shed: 0, deadlineExceeded: 0 }
  const requests = createRequestMonitor(desk, lost, 0)
  const stream = { kind: 'stream', name: 'arrivals', schema: {}, key: [], id: [], time: 'at' }
  const project = { streams: { arrivals: stream }, features: {}, models: {} } as unknown as ProjectDefinition
  const streams = createStreamMonitor(() => project, desk, 0)
  const pass = async (from: number, to: number): Promise<void> => {
    for (let minute = from; minute < to; minute += 1) {
      streams.took('arrivals', minute * MINUTE, { accepted: 10, rejected: 0 })
      if (streams.due <= minute * MINUTE) await streams.advance(minute * MINUTE)
      await requests.advance(minute * MINUTE)
    }
  }
  await pass(0, 10)
  lost.shed += 1
  await pass(10, 25)
  expect(lines).toHaveLength(3)
  await pass(25, 30)
  expect(lines.slice(3)).toEqual(['info Resolved: Lost. It is good again.'])
  await pass(30, (3 * HOUR) / MINUTE + 1)
  expect(lines.slice(4)).toEqual(['info Resolved: Rejected. It is good again.'])
  await pass((3 * HOUR) / MINUTE + 1, (DAY + HOUR) / MINUTE)
  expect(lines.slice(5)).toEqual(['info Resolved: Silent. It is good again.'])
  expect((await listAlerts(metadata, { state: 'open' })).items).toEqual([])
})

test('an alert that could not be closed is closed later', async () => {
  await using temporary = await temporaryDesk()
  let isBroken = true
  const desk: AlertDesk = {
    ...temporary.desk,
    resolve: (subject, why) =>
      isBroken ? Promise.reject(new Error('database is locked')) : temporary.desk.resolve(subject, why),
  }
  const conditions = new Conditions('late_flight', desk)
  const take = (verdict: WindowVerdict) =>
    conditions.take({ kind: 'budget_burning_fast', verdict, from: 0, describe: () => wording })?.()
  await take('bad')
  for (let minute = 1; minute < 5; minute += 1) await take('good')
  await expect(take('good')).rejects.toThrow('locked')
  isBroken = false
  for (let minute = 0; minute < 5; minute += 1) await take('good')
  expect(temporary.lines.at(-1)).toBe('info Resolved: late_flight v7: slow. It is good again.')
})
