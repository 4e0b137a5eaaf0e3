import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { listAudit } from '../../governance/audit-log.ts'
import { decideVersion } from './decisions.ts'
import { ada, grace, model, temporaryRegistry } from './registry.fixture.ts'
import { currentServing, listServing, promoteVersion, rollbackModel, servedAt, servedUntil } from './serving-history.ts'

/** A registry with approved versions 1 to `count`. */
async function approvedVersions(count: number) {
  const registry = await temporaryRegistry()
  for (let version = 1; version <= count; version++) {
    await registry.register(`version ${version}`)
    await registry.approve(version)
  }
  return {
    ...registry,
    promote: (version: number, expected: number | null) =>
      promoteVersion(registry.metadata, { model, version, expected, by: grace }),
    rollback: (expected: number | null) =>
      rollbackModel(registry.metadata, { model, expected, by: ada, reason: 'errors' }),
  }
}

test('what serves follows promotions and rollbacks, and what served at a time can be told', async () => {
  await using registry = await approvedVersions(2)
  const { metadata, clock } = registry
  expect(await currentServing(metadata, model)).toBeUndefined()
  clock.advanceTo(2000)
  expect(await registry.promote(1, null)).toEqual({
    model,
    version: 1,
    from: 2000,
    change: 'promote',
    reason: null,
    by: grace,
  })
  clock.advanceTo(3000)
  await registry.promote(2, 1)
  clock.advanceTo(4000)
  const back = await registry.rollback(2)
  expect(back).toEqual({ model, version: 1, from: 4000, change: 'rollback', reason: 'errors', by: ada })
  expect(await currentServing(metadata, model)).toEqual(back)
  const served = async (time: number) => (await servedAt(metadata, model, time))?.version
  expect(await Promise.all([1999, 2000, 2999, 3000, 3999, 4000, 9999].map(served))).toEqual([
    undefined,
    1,
    1,
    2,
    2,
    1,
    1,
  ])
  const { items } = await listAudit(metadata.database, { target: model })
  expect(items.map(({ action, before, after }) => [action, before, after])).toEqual([
    ['model.rollback', { version: 2 }, { version: 1 }],
    ['model.promote', { version: 1 }, { version: 2 }],
    ['model.promote', { version: null }, { version: 1 }],
  ])
})

test('of changes at the same moment the last counts', async () => {
  await using registry = await approvedVersions(2)
  await registry.promote(1, null)
  await registry.promote(2, 1)
  expect((await servedAt(registry.metadata, model, 1000))?.version).toBe(2)
})

test('a clock that goes back neither reorders what served nor makes it untellable', async () => {
  await using registry = await approvedVersions(2)
  registry.clock.advanceTo(5000)
  await registry.promote(1, null)
  const back = { ...registry.metadata, clock: { ...registry.clock, now: () => 3000 } }
  expect(await promoteVersion(back, { model, version: 2, expected: 1, by: grace })).toMatchObject({ from: 5000 })
  const served = async (time: number) => (await servedAt(registry.metadata, model, time))?.version
  expect(await Promise.all([4999, 5000, 5001].map(served))).toEqual([undefined, 2, 2])
})

test('what served at a time, and until when, is told out of a long history', async () => {
  await using registry = await approvedVersions(2)
  const { database } = registry.metadata
  const changes = 20_000
  await sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${changes})
    INSERT INTO serving_history (model, sequence, version, change, reason, by_name, by_asserted, at)
    SELECT ${model}, i, 1 + i % 2, 'promote', NULL, 'grace', 1, i * 10 FROM n`.execute(database)
  const plan = await sql<{ detail: string }>`EXPLAIN QUERY PLAN SELECT * FROM serving_history
    WHERE model = ${model} AND at <= 5 ORDER BY at DESC, sequence DESC LIMIT 1`.execute(database)
  expect(plan.rows.map(({ detail }) => detail)).toEqual([
    'SEARCH serving_history USING INDEX serving_history_by_time (model=? AND at<?)',
  ])
  expect(await servedAt(registry.metadata, model, 100_005)).toMatchObject({ version: 1, from: 100_000 })
  expect(await servedUntil(registry.metadata, model, 100_005)).toBe(100_010)
  expect(await servedUntil(registry.metadata, model, changes * 10)).toBeNull()
})

test('whoever saw something else serving changes nothing', async () => {
  await using registry = await approvedVersions(3)
  await registry.promote(1, null)
  const both = await Promise.allSettled([registry.promote(2, 1), registry.promote(3, 1)])
  expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'model_changed' } }])
  await expect(registry.rollback(1)).rejects.toMatchObject({ code: 'model_changed' })
  await expect(registry.promote(3, null)).rejects.toMatchObject({ code: 'model_changed' })
  expect((await currentServing(registry.metadata, model))?.version).toBe(2)
})

test('only approved versions serve', async () => {
  await using registry = await approvedVersions(1)
  await registry.register('candidate')
  await registry.register('rejected')
  await decideVersion(registry.metadata, { model, version: 3, decision: 'reject', by: grace, reason: 'no' })
  await expect(registry.promote(2, null)).rejects.toMatchObject({ code: 'not_approved' })
  await expect(registry.promote(3, null)).rejects.toMatchObject({ code: 'not_approved' })
  await registry.register('worse', { gate: { verdict: 'fail', sentence: 'Worse than the champion.' } })
  await expect(registry.promote(4, null)).rejects.toMatchObject({
    code: 'not_approved',
    message: 'late_flight/4 is not approved: it is still a candidate, and failed its gate: Worse than the champion.',
  })
  await expect(registry.promote(5, null)).rejects.toMatchObject({ code: 'unknown_version' })
})

test('promoting what serves already changes nothing', async () => {
  await using registry = await approvedVersions(1)
  const first = await registry.promote(1, null)
  registry.clock.advanceTo(5000)
  expect(await registry.promote(1, 1)).toEqual(first)
  expect((await listServing(registry.metadata, model)).items).toEqual([first])
})

test('rollbacks go further and further back, never forth', async () => {
  await using registry = await approvedVersions(4)
  await expect(registry.rollback(null)).rejects.toMatchObject({ code: 'no_previous_version' })
  await registry.promote(1, null)
  await expect(registry.rollback(1)).rejects.toMatchObject({ code: 'no_previous_version' })
  await registry.promote(2, 1)
  await registry.promote(3, 2)
  expect((await registry.rollback(3)).version).toBe(2)
  await registry.promote(4, 2)
  expect((await registry.rollback(4)).version).toBe(2)
  expect((await registry.rollback(2)).version).toBe(1)
  await expect(registry.rollback(1)).rejects.toMatchObject({ code: 'no_previous_version' })
})

test('a rollback passes over versions that were retired since', async () => {
  await using registry = await approvedVersions(3)
  await registry.promote(1, null)
  await registry.promote(2, 1)
  await registry.promote(3, 2)
  await decideVersion(registry.metadata, { model, version: 2, decision: 'retire', by: ada, reason: 'broken' })
  expect((await registry.rollback(3)).version).toBe(1)
})

test('a version that serves again after others can be rolled back to the one before', async () => {
  await using registry = await approvedVersions(2)
  await registry.promote(1, null)
  await registry.promote(2, 1)
  await registry.promote(1, 2)
  expect((await registry.rollback(1)).version).toBe(2)
  expect((await registry.rollback(2)).version).toBe(1)
})

test('the history is append-only and paged', async () => {
  await using registry = await approvedVersions(3)
  const { metadata, clock } = registry
  for (const version of [1, 2, 3]) {
    clock.advanceTo(version * 10_000)
    await registry.promote(version, version === 1 ? null : version - 1)
  }
  for (const statement of [
    'UPDATE serving_history SET version = 1',
    'DELETE FROM serving_history',
    'INSERT OR REPLACE INTO serving_history SELECT model, 2, 1, change, reason, by_name, by_asserted, at FROM serving_history',
  ])
    await expect(sql.raw(statement).execute(metadata.database)).rejects.toThrow('append-only')
  const first = await listServing(metadata, model, { limit: 2 })
  expect(first.items.map(({ version }) => version)).toEqual([3, 2])
  expect((await listServing(metadata, model, { limit: 2, cursor: first.next ?? '' })).items).toMatchObject([
    { version: 1 },
  ])
  const window = await listServing(metadata, model, { from: 10_000, until: 30_000 })
  expect(window.items.map(({ version }) => version)).toEqual([2, 1])
})
