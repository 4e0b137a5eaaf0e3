import type { Kysely, Selectable } from 'kysely'
import type { RegisteredModelRow } from './registry-tables.ts'
import type { MetadataTables } from './tables.ts'

/** Who gave a name, and when in microseconds. */
interface Given {
  readonly by: { readonly name: string; readonly asserted: boolean }
  readonly at: number
}

/** The registered model of a name; undefined where nobody gave it, or it was deleted. */
export async function findRegisteredName(
  database: Kysely<MetadataTables>,
  name: string,
): Promise<Selectable<RegisteredModelRow> | undefined> {
  const rows = database.selectFrom('registered_models').selectAll().where('name', '=', name)
  return await rows.where('deleted_at', 'is', null).executeTakeFirst()
}

/**
 * The number of the registered model of a name, registered now when it was not before. The number stays when the name
 * changes, and is never given again.
 */
export async function registerName(
  database: Kysely<MetadataTables>,
  name: string,
  { by, at }: Given,
  description = '',
): Promise<number> {
  const known = await findRegisteredName(database, name)
  if (known !== undefined) return known.number
  const who = { by_name: by.name, by_asserted: by.asserted ? 1 : 0 }
  const row = await database
    .insertInto('registered_models')
    .values({ name, description, ...who, created_at: at, updated_at: at })
    .returning('number')
    .executeTakeFirstOrThrow()
  return row.number
}
