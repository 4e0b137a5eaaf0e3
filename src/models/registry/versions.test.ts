import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { digestOfJson } from '../../core/digest.ts'
import { listAudit } from '../../governance/audit-log.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { decideVersion } from './decisions.ts'
import { modelDigest } from './manifest.ts'
import { versionStanding } from './model-version.ts'
import { ada, definition, grace, model, temporaryRegistry } from './registry.fixture.ts'
import { startRun } from './runs.ts'
import { listVersions, readVersion, readVersionDefinition, registerVersion, versionsFrom } from './versions.ts'

test('a version holds everything that it was registered with, also after reopening', async () => {
  await using registry = await temporaryRegistry()
  const created = await registry.newVersion('first')
  const { version, isNew } = await registerVersion(registry.metadata, registry.artifacts, created)
  const { definition: _, ...content } = created
  expect(isNew).toBe(true)
  expect(version).toEqual({
    ...content,
    version: 1,
    digest: modelDigest(created.manifest),
    definitionDigest: digestOfJson(definition),
    createdAt: 1000,
    state: 'candidate',
    approvals: [],
    decisions: [],
    gateAtFirst: content.gate,
    judgements: [],
  })
  const reopened = await openMetadata(registry.path, { clock: registry.clock })
  expect(await readVersion(reopened, model, 1)).toEqual(version)
  expect(await readVersionDefinition(reopened, version)).toEqual(definition)
  await reopened.close()
  const { items } = await listAudit(registry.metadata.database, { target: 'late_flight/1' })
  expect(items).toMatchObject([
    { action: 'version.register', by: ada, after: { digest: version.digest, gate: 'pass' } },
  ])
})

test('numbers rise per model, and the same content is the same version', async () => {
  await using registry = await temporaryRegistry()
  await registry.register('first')
  await registry.register('second', { variant: 'without_windows' })
  expect(await registry.register('first', { model: 'other' })).toMatchObject({ model: 'other', version: 1 })
  await registry.approve(1)
  const again = await registry.newVersion('first', { evaluation: { auc: { value: 0.1 } }, author: grace })
  const { version, isNew } = await registerVersion(registry.metadata, registry.artifacts, again)
  expect(isNew).toBe(false)
  expect(version).toMatchObject({ version: 1, state: 'approved', author: ada, evaluation: { auc: { value: 0.78 } } })
  expect((await registry.register('third')).version).toBe(3)
})

test('many registrations at once get one number each', async () => {
  await using registry = await temporaryRegistry()
  const names = Array.from({ length: 20 }, (_, index) => `model ${index % 10}`)
  const versions = await Promise.all(names.map((name) => registry.register(name)))
  expect(new Set(versions.map(({ version }) => version)).size).toBe(10)
  expect(Math.max(...versions.map(({ version }) => version))).toBe(10)
})

const attempts = [
  'UPDATE model_versions SET evaluation = \'{"auc":1}\'',
  "UPDATE model_versions SET digest = 'sha256:other' WHERE version = 1",
  'UPDATE model_versions SET version = 2',
  'DELETE FROM model_versions',
  "INSERT OR REPLACE INTO model_versions SELECT model, version, digest, variant, manifest, attachments, definition_digest, '{}', gate, run, 'mallory', 0, created_at FROM model_versions",
  'INSERT OR REPLACE INTO model_versions SELECT model, 9, digest, variant, manifest, attachments, definition_digest, evaluation, gate, run, author_name, 0, created_at FROM model_versions',
  "UPDATE version_decisions SET by_name = 'mallory'",
  'DELETE FROM version_decisions',
  "INSERT OR REPLACE INTO version_decisions SELECT model, version, sequence, 'reject', reason, by_name, by_asserted, at FROM version_decisions",
  "UPDATE definitions SET content = '{}'",
]

test.each(attempts)('the database refuses: %s', async (statement) => {
  await using registry = await temporaryRegistry()
  await registry.register('first')
  await registry.approve(1)
  const before = await readVersion(registry.metadata, model, 1)
  await expect(sql.raw(statement).execute(registry.metadata.database)).rejects.toThrow('append-only')
  expect(await readVersion(registry.metadata, model, 1)).toEqual(before)
})

test('a second approval is refused by the database too', async () => {
  await using registry = await temporaryRegistry()
  await registry.register('first')
  await registry.approve(1)
  const second = { model, version: 1, sequence: 2, decision: 'reject', by_name: 'x', by_asserted: 1, at: 1 } as const
  const insert = registry.metadata.database.insertInto('version_decisions').values(second).execute()
  await expect(insert).rejects.toThrow('CHECK')
})

test('parts that were never stored, and runs that never were, are refused', async () => {
  await using registry = await temporaryRegistry()
  const lost = await registry.newVersion('first', { attachments: { onnx: digestOfJson('lost') } })
  const { metadata, artifacts } = registry
  await expect(registerVersion(metadata, artifacts, lost)).rejects.toMatchObject({ code: 'artifact_missing' })
  const runless = await registry.newVersion('first', { runId: 'run-99' })
  await expect(registerVersion(metadata, artifacts, runless)).rejects.toMatchObject({ code: 'unknown_run' })
  await expect(readVersion(metadata, model, 1)).rejects.toMatchObject({ code: 'unknown_version' })
})

test('versions are listed newest first, page by page, by variant and state', async () => {
  await using registry = await temporaryRegistry()
  for (const text of ['1', '2', '3', '4', '5'])
    await registry.register(text, text === '2' || text === '4' ? { variant: 'without_windows' } : {})
  await registry.approve(1)
  await registry.approve(2)
  await decideVersion(registry.metadata, { model, version: 3, decision: 'reject', by: ada, reason: 'leaks' })
  await decideVersion(registry.metadata, { model, version: 2, decision: 'retire', by: ada, reason: 'old' })
  const numbers = async (request: Parameters<typeof listVersions>[2]) =>
    (await listVersions(registry.metadata, model, request)).items.map(({ version }) => version)
  expect(await numbers({})).toEqual([5, 4, 3, 2, 1])
  expect(await numbers({ variant: 'without_windows' })).toEqual([4, 2])
  expect(await numbers({ state: 'candidate' })).toEqual([5, 4])
  expect(await numbers({ state: 'approved' })).toEqual([1])
  expect(await numbers({ state: 'rejected' })).toEqual([3])
  expect(await numbers({ state: 'retired' })).toEqual([2])
  const page = await listVersions(registry.metadata, model, { limit: 2 })
  expect(page.next).not.toBeNull()
  expect(await numbers({ limit: 3, cursor: page.next ?? '' })).toEqual([3, 2, 1])
  expect(await listVersions(registry.metadata, 'nobody')).toEqual({ items: [], next: null })
  const all = await numbers({})
  const { total, items } = await versionsFrom(registry.metadata, model, { limit: 2, offset: 1 })
  expect([total, items.map(({ version }) => version)]).toEqual([all.length, all.slice(1, 3)])
  expect(await versionsFrom(registry.metadata, 'nobody', { limit: 2, offset: 0 })).toEqual({ total: 0, items: [] })
})

test('a candidate that failed its gate and the baseline stand apart from those that wait for a decision', async () => {
  await using registry = await temporaryRegistry()
  const gate = { verdict: 'fail', sentence: 'It is worse.' } as const
  expect(versionStanding(await registry.register('baseline', { variant: 'without_windows' }))).toBe('baseline')
  expect(versionStanding(await registry.register('worse', { gate }))).toBe('failed')
  const unsure = { verdict: 'insufficient', sentence: 'The rows do not tell.' } as const
  expect(versionStanding(await registry.register('unsure', { gate: unsure }))).toBe('candidate')
  expect(versionStanding(await registry.register('waits'))).toBe('candidate')
  await registry.approve(1)
  expect(versionStanding(await readVersion(registry.metadata, model, 1))).toBe('approved')
})

test('a run outlives its version: it cannot be taken away', async () => {
  await using registry = await temporaryRegistry()
  const run = await startRun(registry.metadata, { model, parameters: {}, seed: 1, author: ada })
  expect((await registry.register('first', { runId: run.id })).runId).toBe(run.id)
})
