import { expect, test } from 'vitest'
import { listAudit } from '../../governance/audit-log.ts'
import { decideVersion } from './decisions.ts'
import { ada, grace, model, temporaryRegistry } from './registry.fixture.ts'
import { promoteVersion } from './serving-history.ts'
import { readVersion } from './versions.ts'

test('an approval is recorded with who, when and why, in the registry and in the audit log', async () => {
  await using registry = await temporaryRegistry()
  await registry.register('first')
  registry.clock.advanceTo(2000)
  const reason = 'looks sound'
  const approved = await decideVersion(registry.metadata, { model, version: 1, decision: 'approve', by: grace, reason })
  expect(approved).toMatchObject({
    state: 'approved',
    decisions: [{ decision: 'approve', by: grace, reason, at: 2000 }],
  })
  expect(await readVersion(registry.metadata, model, 1)).toEqual(approved)
  const { items } = await listAudit(registry.metadata.database, { target: 'late_flight/1', limit: 1 })
  expect(items).toMatchObject([
    {
      action: 'version.approve',
      by: grace,
      reason,
      at: 2000,
      before: { state: 'candidate' },
      after: { state: 'approved' },
    },
  ])
})

test('what the policy refuses leaves the version and the audit log as they were', async () => {
  await using registry = await temporaryRegistry()
  const before = await registry.register('first')
  const audit = await listAudit(registry.metadata.database)
  const own = decideVersion(registry.metadata, { model, version: 1, decision: 'approve', by: ada })
  await expect(own).rejects.toMatchObject({ code: 'approval_by_author' })
  const silent = decideVersion(registry.metadata, { model, version: 1, decision: 'reject', by: grace })
  await expect(silent).rejects.toMatchObject({ code: 'reason_required' })
  const unknown = decideVersion(registry.metadata, { model, version: 2, decision: 'approve', by: grace })
  await expect(unknown).rejects.toMatchObject({ code: 'unknown_version' })
  expect(await readVersion(registry.metadata, model, 1)).toEqual(before)
  expect(await listAudit(registry.metadata.database)).toEqual(audit)
})

test('a version that failed its gate is never approved', async () => {
  await using registry = await temporaryRegistry()
  await registry.register('first', { gate: { verdict: 'fail', sentence: 'Worse than the champion.' } })
  await expect(registry.approve(1)).rejects.toMatchObject({
    code: 'gate_failed',
    message: 'late_flight/1 failed its gate: Worse than the champion.',
    remedy: expect.stringContaining('`trueline models show late_flight 1`'),
  })
})

test('of two decisions at once the first counts', async () => {
  await using registry = await temporaryRegistry()
  await registry.register('first')
  const both = await Promise.allSettled([
    registry.approve(1),
    decideVersion(registry.metadata, { model, version: 1, decision: 'reject', by: grace, reason: 'no' }),
  ])
  expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'already_decided' } }])
})

test('what serves cannot be retired', async () => {
  await using registry = await temporaryRegistry()
  await registry.register('first')
  await registry.approve(1)
  await promoteVersion(registry.metadata, { model, version: 1, expected: null, by: grace })
  const retirement = { model, version: 1, decision: 'retire', by: ada, reason: 'old' } as const
  await expect(decideVersion(registry.metadata, retirement)).rejects.toMatchObject({ code: 'version_serving' })
  await registry.register('second')
  await registry.approve(2)
  await promoteVersion(registry.metadata, { model, version: 2, expected: 1, by: grace })
  expect(await decideVersion(registry.metadata, retirement)).toMatchObject({ state: 'retired' })
})
