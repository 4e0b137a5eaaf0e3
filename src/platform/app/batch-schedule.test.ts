import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { DAY, HOUR, MINUTE } from '../../core/time.ts'
import type { BatchDefinition } from '../../language/define/batch-definition.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { beginBatchRun } from '../../operate/serving/batch/batch-store.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { createBatchSchedule } from './batch-schedule.ts'

const START = Date.UTC(2026, 2, 1) * 1000
const hourly = { kind: 'batch', name: 'hourly', schedule: '0 * * * *' } as BatchDefinition

async function scheduled(batches: Readonly<Record<string, BatchDefinition>>, desk: AlertDesk) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-schedule-'))
  const metadata = await openMetadata(join(folder.path, 'metadata.db'), { clock: virtualClock(START) })
  return {
    metadata,
    open: () => createBatchSchedule(batches, metadata, desk),
    async [Symbol.asyncDispose]() {
      await metadata.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

test('what was due beside a run under way is told and left out for good, also after a restart', async () => {
  const told: string[] = []
  const desk: AlertDesk = {
    raise: async ({ kind }) => void told.push(kind),
    resolve: async ({ kind }) => void told.push(`over ${kind}`),
  }
  await using place = await scheduled({ hourly }, desk)
  const { open } = place
  const first = open()
  // Whoever looks while it is read has the same times.
  expect(await Promise.all([first.take(START, () => false), first.due('hourly')])).toEqual([[], START + HOUR])
  expect(await first.take(START + HOUR, () => false)).toEqual([{ name: 'hourly', at: START + HOUR }])
  await first.begun()
  expect(await first.take(START + 2 * HOUR, () => true)).toEqual([])
  expect(told).toEqual(['over batch_missed', 'batch_missed'])
  const second = open()
  expect(await second.take(START + 2 * HOUR, () => false)).toEqual([])
  expect(await second.due('hourly')).toBe(START + 3 * HOUR)
})

test('what was taken is due again where the process ended before its run began, and only there', async () => {
  const desk: AlertDesk = { raise: async () => undefined, resolve: async () => undefined }
  const early = { ...hourly, name: 'early' }
  await using place = await scheduled({ early, hourly }, desk)
  const { open, metadata } = place
  const both = ['early', 'hourly'].map((name) => ({ name, at: START + HOUR }))
  const first = open()
  expect(await first.take(START, () => false)).toEqual([])
  expect(await first.take(START + HOUR, () => false)).toEqual(both)
  expect(await first.take(START + HOUR + MINUTE, () => false)).toEqual([])
  const start = { kind: 'schedule', at: START + HOUR, by: { name: 'batch', asserted: false } } as const
  const details = { batch: 'early', model: 'm', version: 1, offset: -1, population: 'p', destination: 'd' }
  await beginBatchRun(metadata, { ...start, ...details })
  const second = open()
  expect(await second.take(START + HOUR + MINUTE, () => false)).toEqual(both.slice(1))
  await second.begun()
  expect(await open().take(START + HOUR + 2 * MINUTE, () => false)).toEqual([])
})

test('what could not be told when it was due is due again, with all that was due beside it', async () => {
  let isBroken = true
  const desk: AlertDesk = {
    raise: async () => expect.unreachable('it runs in time'),
    async resolve({ model }) {
      if (isBroken && model === 'batch/hourly') throw new Error('database is locked')
    },
  }
  const early = { ...hourly, name: 'early' }
  await using place = await scheduled({ early, hourly }, desk)
  const schedule = place.open()
  await expect(schedule.take(START + HOUR, () => false)).rejects.toThrow('locked')
  expect(await schedule.due('hourly')).toBe(START + HOUR)
  isBroken = false
  const both = ['early', 'hourly'].map((name) => ({ name, at: START + HOUR }))
  expect(await schedule.take(START + HOUR, () => false)).toEqual(both)
  expect(await schedule.take(START + HOUR, () => false)).toEqual([])
})

test('after a year of every minute without a platform the last moment is taken, and few are looked at', {
  timeout: 10_000,
}, async () => {
  const desk: AlertDesk = { raise: async () => undefined, resolve: async () => undefined }
  const often = { ...hourly, name: 'often', schedule: '* * * * *' }
  await using place = await scheduled({ often }, desk)
  const schedule = place.open()
  expect(await schedule.due('often')).toBe(START + MINUTE)
  const later = START + 365 * DAY + 1
  // One after the other, half a million moments take half a minute.
  expect(await schedule.take(later, () => false)).toEqual([{ name: 'often', at: later - 1 }])
  expect(await schedule.due('often')).toBe(later - 1 + MINUTE)
})
