import type { Kysely } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import type { MetadataTables } from './tables.ts'

/** A value kept under a name; undefined when nothing was. */
export async function readSetting(database: Kysely<MetadataTables>, name: string): Promise<unknown> {
  const row = await database.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst()
  return row === undefined ? undefined : JSON.parse(row.value)
}

/** Keeps a value, plain JSON data, under a name, in place of what was there. */
export async function writeSetting(database: Kysely<MetadataTables>, name: string, value: unknown): Promise<void> {
  const text = canonicalJson(value)
  await database
    .insertInto('settings')
    .values({ name, value: text })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: text }))
    .execute()
}
