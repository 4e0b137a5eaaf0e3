import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { listAudit } from '../../governance/audit-log.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import {
  acknowledgeAlert,
  countAlerts,
  listAlerts,
  raiseAlert,
  readAlert,
  resolveAlert,
  type Sighting,
} from './alert-store.ts'

const drift: Sighting = {
  model: 'late_flight',
  kind: 'data_drift',
  feature: 'mean_delay_1h',
  severity: 'ticket',
  title: 'mean_delay_1h is higher than in training.',
  evidence: { pValue: 1e-9 },
  effect: { psi: 0.31 },
  n: 4200,
}

async function temporaryAlerts() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-alerts-'))
  const clock = virtualClock(1000)
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock })
  return {
    metadata,
    clock,
    async [Symbol.asyncDispose]() {
      await metadata.close()
      await folder.remove()
    },
  }
}

test('an alert is opened once and brought up to date while it is open', async () => {
  await using alerts = await temporaryAlerts()
  const { metadata, clock } = alerts
  const first = await raiseAlert(metadata, drift)
  expect(first).toEqual({
    opened: true,
    alert: { ...drift, id: 'alert-1', runbook: 'docs/runbooks/data_drift.md', openedAt: 1000, lastSeenAt: 1000 },
  })
  clock.advanceTo(2000)
  const worse: Sighting = {
    ...drift,
    severity: 'page',
    title: 'Worse.',
    evidence: { pValue: 0 },
    effect: { psi: 0.9 },
    n: 9,
  }
  const second = await raiseAlert(metadata, worse)
  expect(second).toEqual({ opened: false, alert: { ...first.alert, ...worse, lastSeenAt: 2000 } })
  expect(await readAlert(metadata, 'alert-1')).toEqual(second.alert)
})

test('alerts about other features, kinds and models are others', async () => {
  await using alerts = await temporaryAlerts()
  const { feature: _, ...whole } = drift
  const subjects: Sighting[] = [
    drift,
    { ...drift, feature: 'late_share_3h' },
    { ...drift, kind: 'missing_values' },
    { ...drift, model: 'other' },
    whole,
  ]
  for (const subject of subjects) expect((await raiseAlert(alerts.metadata, subject)).opened).toBe(true)
  for (const subject of subjects) expect((await raiseAlert(alerts.metadata, subject)).opened).toBe(false)
  expect(await countAlerts(alerts.metadata)).toBe(5)
})

test('the same thousand sightings at once open one alert', async () => {
  await using alerts = await temporaryAlerts()
  const results = await Promise.all(Array.from({ length: 1000 }, () => raiseAlert(alerts.metadata, drift)))
  expect(results.filter((result) => result.opened)).toHaveLength(1)
})

test('a resolved alert stays as it was, and the next sighting opens another', async () => {
  await using alerts = await temporaryAlerts()
  const { metadata, clock } = alerts
  expect(await resolveAlert(metadata, drift)).toBeUndefined()
  await raiseAlert(metadata, drift)
  clock.advanceTo(5000)
  expect(await resolveAlert(metadata, drift)).toMatchObject({ id: 'alert-1', resolvedAt: 5000 })
  expect(await resolveAlert(metadata, drift)).toBeUndefined()
  clock.advanceTo(6000)
  expect(await raiseAlert(metadata, drift)).toMatchObject({ opened: true, alert: { id: 'alert-2', openedAt: 6000 } })
  expect(await readAlert(metadata, 'alert-1')).toMatchObject({ lastSeenAt: 1000, resolvedAt: 5000 })
})

test('who takes care of an alert is noted, and audited', async () => {
  await using alerts = await temporaryAlerts()
  const grace = assertedIdentity('grace')
  await raiseAlert(alerts.metadata, drift)
  expect(await acknowledgeAlert(alerts.metadata, 'alert-1', grace)).toMatchObject({ acknowledgedBy: 'grace' })
  const { items } = await listAudit(alerts.metadata.database, { target: 'alert-1' })
  expect(items).toMatchObject([{ action: 'alert.acknowledge', by: grace }])
  for (const id of ['alert-2', 'alert-0', '1', "alert-1'"]) {
    await expect(acknowledgeAlert(alerts.metadata, id, grace)).rejects.toMatchObject({ code: 'unknown_alert' })
    await expect(readAlert(alerts.metadata, id)).rejects.toMatchObject({ code: 'unknown_alert' })
  }
})

test('alerts are listed newest first, page by page, by model, state and time', async () => {
  await using alerts = await temporaryAlerts()
  const { metadata, clock } = alerts
  for (let index = 1; index <= 5; index++) {
    clock.advanceTo(index * 10_000)
    await raiseAlert(metadata, { ...drift, feature: `f${index}`, model: index === 5 ? 'other' : 'late_flight' })
  }
  await resolveAlert(metadata, { ...drift, feature: 'f2' })
  const ids = async (filter: Parameters<typeof listAlerts>[1]) =>
    (await listAlerts(metadata, filter)).items.map(({ id }) => Number(id.slice(6)))
  expect(await ids({})).toEqual([5, 4, 3, 2, 1])
  expect(await ids({ model: 'late_flight', state: 'open' })).toEqual([4, 3, 1])
  expect(await ids({ state: 'resolved' })).toEqual([2])
  expect(await ids({ from: 20_000, until: 40_000 })).toEqual([3, 2])
  expect(await countAlerts(metadata, { model: 'late_flight', from: 20_000 })).toBe(3)
  const first = await listAlerts(metadata, { limit: 2 })
  expect(await ids({ limit: 2, cursor: first.next ?? '' })).toEqual([3, 2])
})
