import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { HOUR } from '../../core/time.ts'
import type { BatchDefinition } from '../../language/define/batch-definition.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { createBatchSchedule } from './batch-schedule.ts'

const START = Date.UTC(2026, 2, 1) * 1000
const hourly = { kind: 'batch', name: 'hourly', schedule: '0 * * * *' } as BatchDefinition

test('what was due beside a run under way is told and left out for good, also after a restart', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-schedule-'))
  const clock = virtualClock(START)
  const metadata = await openMetadata(join(folder.path, 'metadata.db'), { clock })
  const told: string[] = []
  const desk: AlertDesk = {
    raise: async ({ kind }) => void told.push(kind),
    resolve: async ({ kind }) => void told.push(`over ${kind}`),
  }
  const open = () => createBatchSchedule({ hourly }, metadata, desk)
  const first = open()
  // Whoever looks while it is read has the same times.
  expect(await Promise.all([first.take(START, () => false), first.due('hourly')])).toEqual([[], START + HOUR])
  expect(await first.take(START + HOUR, () => false)).toEqual([{ name: 'hourly', at: START + HOUR }])
  expect(await first.take(START + 2 * HOUR, () => true)).toEqual([])
  expect(told).toEqual(['over batch_missed', 'batch_missed'])
  const second = open()
  expect(await second.take(START + 2 * HOUR, () => false)).toEqual([])
  expect(await second.due('hourly')).toBe(START + 3 * HOUR)
  await metadata.close()
})
