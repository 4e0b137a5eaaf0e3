import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { DAY, HOUR, SECOND } from '../../core/time.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { openAudits } from './keep-audits.ts'
import { openShedPredictions } from './shed-predictions.ts'

const START = 11_323 * DAY
const desk: AlertDesk = { raise: async () => undefined, resolve: async () => undefined }

test('what audits found is there after a restart, with who differed within the day', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-audits-'))
  await using metadata = await opened(folder.path)
  let elapsed = 0
  const open = () => openAudits(metadata, desk, { elapsed: () => elapsed })
  const feature = { feature: 'mean_1h', checked: 1000, mismatches: 2, causes: { late: 2 } }
  const finding = {
    model: 'late_flight',
    at: START,
    checked: 1000,
    mismatches: 2,
    features: [feature],
    continues: true,
  }

  const first = await open()
  expect(first.audits).toEqual({ checked: 0, mismatches: 0, unverifiable: 0 })
  await first.parity.report(finding)
  Object.assign(first.audits, { checked: 1000, mismatches: 2, at: START })
  await first.save()
  expect((await open()).audits.checked).toBe(0)
  elapsed += 61 * SECOND
  await first.save()
  const second = await open()
  expect(second.audits).toEqual({ checked: 1000, mismatches: 2, unverifiable: 0, at: START })
  expect(second.parity.lastDay('late_flight', START + HOUR)).toEqual([feature])

  await second.parity.report({ ...finding, at: START + HOUR })
  Object.assign(second.audits, { checked: 2000, mismatches: 4, at: START + HOUR })
  await second.save(true)
  const third = await open()
  expect(third.audits.checked).toBe(2000)
  const both = { ...feature, checked: 2000, mismatches: 4, causes: { late: 4 } }
  expect(third.parity.lastDay('late_flight', START + 2 * HOUR)).toEqual([both])
  expect(third.parity.lastDay('late_flight', START + 3 * DAY)).toEqual([])
})

test('what could not be kept is kept by the next save, also the last one, though nothing was added in between', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-audits-'))
  await using metadata = await opened(folder.path)
  const audits = await openAudits(metadata, desk, { elapsed: () => 0 })
  const shed = await openShedPredictions(metadata)
  audits.audits.checked = 7
  shed.add('late_flight', 3)
  const change = (sql: string) => {
    using database = new DatabaseSync(join(folder.path, 'meta.db'))
    database.exec(sql)
  }
  change(`CREATE TRIGGER full BEFORE INSERT ON settings BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`)
  await expect(audits.save(true)).rejects.toThrow('full')
  await expect(shed.save()).rejects.toThrow('full')
  change('DROP TRIGGER full')
  await audits.save(true)
  await shed.save()
  expect((await openAudits(metadata, desk, { elapsed: () => 0 })).audits.checked).toBe(7)
  expect((await openShedPredictions(metadata)).count('late_flight')).toBe(3)
  // Nothing tells that time has passed since.
  audits.audits.checked = 9
  await audits.save(true)
  expect((await openAudits(metadata, desk, { elapsed: () => 0 })).audits.checked).toBe(9)
})

async function opened(folder: string) {
  const metadata = await openMetadata(join(folder, 'meta.db'), { clock: virtualClock(START) })
  return { ...metadata, [Symbol.asyncDispose]: () => metadata.close() }
}
