import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import { raiseAlert, resolveAlert } from '../../operate/monitoring/alert-store.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { acknowledge, pageAlerts, showAlert } from './watching.ts'

test('alerts of the past are found by what they are about, and their pages go on where they ended', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-alerts-'))
  const clock = virtualClock(1000)
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock })
  const parts = { metadata }
  for (let index = 0; index < 6; index++) {
    const subject = { model: index % 2 === 0 ? 'late_flight' : 'source/flights', kind: 'data_drift' } as const
    clock.advanceTo(2000 + index)
    await raiseAlert(metadata, { ...subject, severity: 'ticket', title: 't', evidence: {}, effect: {}, n: 1 })
    if (index < 4) await resolveAlert(metadata, subject)
  }
  const ids = async (query: Parameters<typeof pageAlerts>[1]) =>
    (await pageAlerts(parts, query)).alerts.map(({ id }) => id)
  expect(await ids({ state: 'resolved' })).toEqual(['alert-4', 'alert-3', 'alert-2', 'alert-1'])
  expect(await ids({ open: true })).toEqual(['alert-6', 'alert-5'])
  expect(await ids({ model: 'source/flights', state: 'resolved' })).toEqual(['alert-4', 'alert-2'])
  expect(await ids({ from: 2001, to: 2003 })).toEqual(['alert-3', 'alert-2'])
  const first = await pageAlerts(parts, { limit: 4 })
  expect(first).toMatchObject({ total: 6, next: expect.any(String) })
  expect(await pageAlerts(parts, { limit: 4, cursor: first.next! })).toMatchObject({
    ...{ total: 6, next: null },
    alerts: [{ id: 'alert-2' }, { id: 'alert-1' }],
  })
  await acknowledge(parts, 'alert-5', assertedIdentity('ada'))
  expect(await showAlert(parts, 'alert-5')).toMatchObject({ model: 'late_flight', acknowledgedBy: 'ada' })
  await expect(showAlert(parts, 'alert-7')).rejects.toMatchObject({ code: 'unknown_alert' })
  await metadata.close()
})
