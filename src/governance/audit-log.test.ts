import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { virtualClock } from '../core/clock.ts'
import { type Metadata, openMetadata } from '../stores/metadata/metadata.ts'
import { type AuditFilter, auditDigest, auditHead, listAudit, recordAct } from './audit-log.ts'
import { verifyAudit } from './audit-verification.ts'
import { assertedIdentity } from './identity.ts'

const ada = assertedIdentity('ada')

async function auditOf(entries: number) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-audit-'))
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock: virtualClock(0) })
  await metadata.database.transaction().execute(async (transaction) => {
    for (let at = 1; at <= entries; at++) {
      const target = `late_flight/${at % 3}`
      await recordAct(transaction, { by: ada, at, action: 'version.approve', target, before: null, after: { at } })
    }
  })
  return {
    metadata,
    async [Symbol.asyncDispose]() {
      await metadata.close()
      await folder.remove()
    },
  }
}

/** What somebody can do who writes to the file itself. */
async function withoutTriggers({ database }: Metadata, statement: string): Promise<void> {
  for (const name of ['updated', 'deleted', 'replaced'])
    await sql`DROP TRIGGER ${sql.id(`audit_entries_never_${name}`)}`.execute(database)
  await sql.raw(statement).execute(database)
}

test('entries are chained, and an untouched log verifies', async () => {
  await using audit = await auditOf(2500)
  const head = await auditHead(audit.metadata.database)
  expect(head.sequence).toBe(2500)
  expect(await verifyAudit(audit.metadata.database)).toEqual({ intact: true, entries: 2500, head })
  const { items } = await listAudit(audit.metadata.database, { limit: 2 })
  expect(items.map((entry) => entry.sequence)).toEqual([2500, 2499])
  expect(items[0]?.previous).toBe(items[1]?.digest)
  expect(items[0]).toMatchObject({ by: ada, at: 2500, action: 'version.approve', before: null, after: { at: 2500 } })
})

test('an empty log verifies', async () => {
  await using audit = await auditOf(0)
  expect(await verifyAudit(audit.metadata.database)).toMatchObject({ intact: true, entries: 0 })
})

test('an act that fails leaves no entry', async () => {
  await using audit = await auditOf(1)
  const failing = audit.metadata.database.transaction().execute(async (transaction) => {
    await recordAct(transaction, { by: ada, at: 9, action: 'version.reject', target: 'late_flight/1' })
    throw new Error('the act failed')
  })
  await expect(failing).rejects.toThrow('the act failed')
  expect((await auditHead(audit.metadata.database)).sequence).toBe(1)
})

test.each([
  "UPDATE audit_entries SET by_name = 'grace' WHERE sequence = 2",
  'DELETE FROM audit_entries WHERE sequence = 2',
  'DELETE FROM audit_entries',
  'INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries WHERE sequence = 2',
])('the database refuses: %s', async (statement) => {
  await using audit = await auditOf(3)
  await expect(sql.raw(statement).execute(audit.metadata.database)).rejects.toThrow('append-only')
  expect(await verifyAudit(audit.metadata.database)).toMatchObject({ intact: true, entries: 3 })
})

test.each([
  ["UPDATE audit_entries SET by_name = 'grace' WHERE sequence = 3", 3],
  ['UPDATE audit_entries SET at = at + 1 WHERE sequence = 3', 3],
  ["UPDATE audit_entries SET reason = 'because' WHERE sequence = 3", 3],
  ['UPDATE audit_entries SET after = \'{"at":4}\' WHERE sequence = 3', 3],
  ['UPDATE audit_entries SET by_asserted = 0 WHERE sequence = 3', 3],
  ['DELETE FROM audit_entries WHERE sequence = 1', 2],
  ['DELETE FROM audit_entries WHERE sequence IN (3, 4)', 5],
  ['UPDATE audit_entries SET sequence = sequence + 100 WHERE sequence > 3', 104],
  [
    'INSERT INTO audit_entries SELECT 6, at, by_name, by_asserted, action, target, reason, before, after, previous, digest FROM audit_entries WHERE sequence = 5',
    6,
  ],
])('tampering with the file is seen: %s', async (statement, sequence) => {
  await using audit = await auditOf(5)
  await withoutTriggers(audit.metadata, statement)
  expect(await verifyAudit(audit.metadata.database)).toMatchObject({ intact: false, broken: { sequence } })
})

test('a head kept elsewhere shows that the newest entries were removed or the chain written anew', async () => {
  await using audit = await auditOf(5)
  const { database } = audit.metadata
  const head = await auditHead(database)
  await withoutTriggers(audit.metadata, 'DELETE FROM audit_entries WHERE sequence = 5')
  expect(await verifyAudit(database)).toMatchObject({ intact: true, entries: 4 })
  expect(await verifyAudit(database, head)).toMatchObject({ intact: false, broken: { sequence: 5 } })
  await database
    .transaction()
    .execute((transaction) => recordAct(transaction, { by: ada, at: 5, action: 'x', target: 'y' }))
  expect(await verifyAudit(database)).toMatchObject({ intact: true, entries: 5 })
  expect(await verifyAudit(database, head)).toMatchObject({ intact: false, broken: { sequence: 5 } })
})

test('the digest covers every column', async () => {
  await using audit = await auditOf(1)
  const row = await audit.metadata.database.selectFrom('audit_entries').selectAll().executeTakeFirstOrThrow()
  expect(auditDigest(row)).toBe(row.digest)
  for (const name of Object.keys(row).filter((column) => column !== 'digest'))
    expect(auditDigest({ ...row, [name]: 'changed' })).not.toBe(row.digest)
})

test('the log is searched by who, when, and by a text of the act, its target or its reason', async () => {
  await using audit = await auditOf(3)
  const { database } = audit.metadata
  const act = { by: assertedIdentity('grace'), at: 10, action: 'source.reset', target: 'shop_orders' }
  await database.transaction().execute((transaction) => recordAct(transaction, { ...act, reason: '100% _restored_' }))
  const found = async (filter: AuditFilter) => (await listAudit(database, filter)).items.map(({ sequence }) => sequence)
  expect(await found({ by: 'grace' })).toEqual([4])
  expect(await found({ by: 'gra' })).toEqual([])
  expect(await found({ from: 2, to: 10 })).toEqual([3, 2])
  for (const search of ['SHOP', 'source.', 'grace', '0% _res']) expect(await found({ search })).toEqual([4])
  expect(await found({ search: 'late_flight/1' })).toEqual([1])
  expect(await found({ search: 'late%' })).toEqual([])
})

test('the log can be read page by page, also of one target', async () => {
  await using audit = await auditOf(7)
  const { database } = audit.metadata
  const first = await listAudit(database, { target: 'late_flight/1', limit: 2 })
  expect(first.items.map((entry) => entry.sequence)).toEqual([7, 4])
  const second = await listAudit(database, { target: 'late_flight/1', limit: 2, cursor: first.next ?? '' })
  expect(second.items.map((entry) => entry.sequence)).toEqual([1])
  expect(second.next).toBeNull()
})
