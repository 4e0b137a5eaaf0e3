import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { verifyAudit } from '../../governance/audit-verification.ts'
import { setAlias } from './aliases.ts'
import { deleteLoggedVersion, logVersion } from './logged-versions.ts'
import { createRegisteredModel, deleteRegisteredModel } from './registered-models.ts'
import { ada, grace, model, temporaryRegistry } from './registry.fixture.ts'
import { finishRun } from './runs.ts'
import { promoteVersion } from './serving-history.ts'
import { changeStage } from './stages.ts'

/** A registry with a row in every table. */
async function filled() {
  const registry = await temporaryRegistry()
  const { metadata } = registry
  await registry.define()
  await registry.register('first')
  await finishRun(metadata, 'run-1', { status: 'succeeded', metrics: {}, data: {}, environment: {} })
  await registry.approve(1)
  await promoteVersion(metadata, { model, version: 1, expected: null, by: grace })
  await createRegisteredModel(metadata, { name: 'free', by: ada })
  for (const _ of [1, 2]) await logVersion(metadata, { model: 'free', source: 'x', by: ada })
  await setAlias(metadata, { model: 'free', alias: 'best', version: 1, by: ada })
  await changeStage(metadata, { model: 'free', version: 1, stage: 'Archived', by: ada })
  await deleteLoggedVersion(metadata, { model: 'free', version: 2, by: ada })
  await createRegisteredModel(metadata, { name: 'gone', by: ada })
  await deleteRegisteredModel(metadata, { name: 'gone', by: ada })
  return registry
}

const appendOnly = [
  ...['model_versions', 'version_decisions', 'version_approvals', 'serving_history', 'alias_changes'],
  ...['version_archivals', 'definitions', 'applied_definitions', 'audit_entries'],
]

test('no row of the registry is deleted or replaced, whoever writes to the database', async () => {
  await using registry = await filled()
  const { database } = registry.metadata
  for (const table of [...appendOnly, 'runs', 'registered_models', 'logged_versions']) {
    const rows = await sql.raw(`SELECT * FROM ${table}`).execute(database)
    expect(rows.rows.length, table).toBeGreaterThan(0)
    for (const statement of [`DELETE FROM ${table}`, `INSERT OR REPLACE INTO ${table} SELECT * FROM ${table}`])
      await expect(sql.raw(statement).execute(database)).rejects.toThrow(/may be (deleted|replaced)/)
    expect(await sql.raw(`SELECT * FROM ${table}`).execute(database)).toEqual(rows)
  }
  expect(await verifyAudit(database)).toMatchObject({ intact: true })
})

test('no column of what was registered, decided or served is updated', async () => {
  await using registry = await filled()
  const { database } = registry.metadata
  for (const table of appendOnly) {
    const { rows } = await sql.raw<{ name: string }>(`SELECT name FROM pragma_table_info('${table}')`).execute(database)
    for (const { name } of rows)
      await expect(sql.raw(`UPDATE ${table} SET ${name} = ${name}`).execute(database)).rejects.toThrow('append-only')
  }
})

test('what was logged or named stays as it was, and what was deleted stays away', async () => {
  await using registry = await filled()
  for (const statement of [
    "UPDATE logged_versions SET source = 'elsewhere'",
    "UPDATE logged_versions SET signature = '{}'",
    "UPDATE logged_versions SET author_name = 'eve'",
    'UPDATE logged_versions SET version = 9 WHERE version = 1',
    'UPDATE logged_versions SET deleted_at = NULL',
    'UPDATE registered_models SET number = 99 WHERE number = 1',
    "UPDATE registered_models SET by_name = 'eve'",
    "UPDATE registered_models SET deleted_at = NULL WHERE name = 'gone'",
    "UPDATE registered_models SET name = 'free' WHERE name = 'late_flight'",
    "UPDATE OR REPLACE registered_models SET name = 'late_flight' WHERE name = 'free'",
    "INSERT OR REPLACE INTO registered_models SELECT 77, name, '', 'eve', 0, 0, 0, NULL FROM registered_models WHERE number = 2",
    "UPDATE runs SET metrics = '{}'",
  ])
    await expect(sql.raw(statement).execute(registry.metadata.database), statement).rejects.toThrow(
      /may (be|not)|taken/,
    )
})
