import { type Kysely, sql } from 'kysely'
import { TruelineError } from '../../core/errors.ts'
import type { MetadataTables } from '../metadata/tables.ts'

/**
 * Refuses to write to, or to take away, files that a version was logged with.
 * @param path of a file or folder
 * @param also whether what lies below the path would go with it
 * @throws TruelineError `version_files_fixed`, with the version
 */
export async function refuseFixed(database: Kysely<MetadataTables>, path: string, also = false): Promise<void> {
  const names = path.split('/')
  const around = JSON.stringify(names.map((_, index) => names.slice(0, index + 1).join('/')))
  const below = also ? sql`OR (tree.folder >= ${`${path}/`} AND tree.folder < ${`${path}0`})` : sql``
  const { rows } = await sql<{ name: string; version: number; folder: string }>`
    SELECT named.name, tree.version, tree.folder FROM logged_trees AS tree
      JOIN logged_versions AS logged ON logged.model = tree.model AND logged.version = tree.version
      JOIN registered_models AS named ON named.number = tree.model
    WHERE tree.files > 0 AND (tree.folder IN (SELECT value FROM json_each(${around})) ${below})
      AND logged.deleted_at IS NULL AND named.deleted_at IS NULL
    ORDER BY named.name, tree.version LIMIT 1`.execute(database)
  const [fixed] = rows
  if (fixed === undefined) return
  throw new TruelineError(
    'version_files_fixed',
    `${fixed.name}/${fixed.version} was logged with the files in '${fixed.folder}': they stay as they are.`,
    { path },
  )
}
