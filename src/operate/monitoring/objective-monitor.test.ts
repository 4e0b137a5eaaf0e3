import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { DAY, HOUR, MINUTE } from '../../core/time.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { type AlertNotice, createAlertDesk } from './alert-desk.ts'
import { listAlerts } from './alert-store.ts'
import { createObjectiveMonitor } from './objective-monitor.ts'
import { readMinutes, saveMinutes } from './objective-store.ts'
import { simulatedModel, simulationStart } from './simulated-model.ts'

/** A model that promises 99.9% and 20 ms, its monitor, and what was told of it. */
async function watched(path: string) {
  const clock = virtualClock(simulationStart)
  const metadata = await openMetadata(path, { clock })
  const notices: string[] = []
  const silent = { error: () => undefined, warn: () => undefined, info: () => undefined }
  const send = ({ event, alert }: AlertNotice): void => void notices.push(`${event} ${alert.kind}`)
  const desk = createAlertDesk(metadata, silent, send)
  const counts = { lost: 0 }
  const create = async () => {
    const lost = (): number => counts.lost
    const monitor = await createObjectiveMonitor(simulatedModel, { metadata, desk, clock, lost })
    if (monitor === undefined) throw new Error('it promises something')
    return monitor
  }
  const one = { monitor: await create(), minute: 0 }
  /** Minutes of a hundred answers each. */
  const play = async (minutes: number, { faults = 0, slow = 0, lost = 0 } = {}): Promise<void> => {
    for (let passed = 0; passed < minutes; passed += 1, one.minute += 1) {
      const at = simulationStart + one.minute * MINUTE
      clock.advanceTo(at)
      for (let index = 0; index < 100; index += 1)
        one.monitor.add(at, index < slow ? 50_000 : 1000, index >= 100 - faults)
      counts.lost += lost
      await one.monitor.advance(at + MINUTE - 1)
      clock.advanceTo(at + MINUTE)
      if (clock.now() >= one.monitor.due) await one.monitor.advance(clock.now())
    }
  }
  const restart = async (): Promise<void> => {
    await one.monitor.close()
    counts.lost = 0
    one.monitor = await create()
  }
  return { clock, metadata, notices, play, restart, state: () => one.monitor.state(clock.now()), one }
}

test('an outage pages within minutes, is one alert, and is over soon after; requests that never came in count', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-'))
  const { metadata, notices, play, state, one } = await watched(join(folder.path, 'meta.db'))
  await play(90)
  expect(state().map(({ name, left }) => [name, left])).toEqual([
    ['availability', 1],
    ['latency', 1],
  ])
  await play(10, { lost: 100 })
  expect(notices[0]).toBe('opened budget_burning_fast')
  expect(['availability', 'latency'].map((name) => one.monitor.isPaged(name))).toEqual([true, false])
  const [alert] = (await listAlerts(metadata, {})).items.slice(-1)
  expect(alert).toMatchObject({ severity: 'page', runbook: 'docs/runbooks/budget_burning_fast.md' })
  expect(alert!.title).toMatch(
    /^late_flight: \d+% of requests over 60 minutes got no answer by our fault, \d+\.\d times what the 99\.9% objective allows; 0% of the budget of 30 days is left\.$/,
  )
  await play(60)
  expect(notices.filter((notice) => notice.endsWith('_fast'))).toEqual([
    'opened budget_burning_fast',
    'resolved budget_burning_fast',
  ])
  expect(state()[0]).toMatchObject({ answers: 17_000, bad: 1000 })
  expect(one.monitor.isPaged('availability')).toBe(false)
  await metadata.close()
})

test('slow answers spend the budget of latency, and faults do not', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-'))
  const { metadata, notices, play, state } = await watched(join(folder.path, 'meta.db'))
  await play(60, { slow: 1 })
  expect(notices).toEqual([])
  expect(state()[1]).toMatchObject({ name: 'latency', target: 0.99, bad: 60, left: expect.closeTo(0, 9) })
  await play(40, { slow: 60 })
  expect(notices).toContain('opened budget_burning_fast')
  expect((await listAlerts(metadata, {})).items.at(-1)!.title).toMatch(
    /\d% of answers over \d+ (?:h|hours|minutes) took longer than 20 ms/,
  )
  await metadata.close()
})

test('a restart forgets neither what was counted nor what is open', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-'))
  const { metadata, notices, play, restart, state } = await watched(join(folder.path, 'meta.db'))
  await play(70)
  await play(8, { faults: 50 })
  const before = state()
  await restart()
  expect(state()).toEqual(before)
  await play(2, { faults: 50 })
  await restart()
  await play(HOUR / MINUTE)
  expect(notices.filter((notice) => notice.endsWith('_fast'))).toEqual([
    'opened budget_burning_fast',
    'resolved budget_burning_fast',
  ])
  await metadata.close()
})

test('a model that promises nothing is not watched', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-'))
  const clock = virtualClock(simulationStart)
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock })
  const { slo: _, ...serve } = simulatedModel.serve
  const parts = { metadata, clock, desk: undefined as never, lost: () => 0 }
  expect(await createObjectiveMonitor({ ...simulatedModel, serve }, parts)).toBeUndefined()
  await metadata.close()
})

test('minutes of before 1970 are kept as those that they are', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-'))
  const { metadata } = await watched(join(folder.path, 'meta.db'))
  const minutes = [-121, -61, -60, -1, 0, 59].map((minute) => ({ minute, answers: 3, slow: 2, faults: 1 }))
  await saveMinutes(metadata, 'late_flight', minutes, -DAY)
  expect(await readMinutes(metadata, 'late_flight', -DAY)).toEqual(minutes)
})
