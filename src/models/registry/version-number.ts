import type { Kysely } from 'kysely'
import { TruelineError } from '../../core/errors.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'

/** A registered model, by the number that it keeps and the name that it has. */
export interface Named {
  readonly number: number
  readonly name: string
}

/**
 * The number that a model's next version gets: one sequence for what is trained here and what is logged, deleted versions
 * included, so that a number never means two things.
 */
export async function nextVersion(database: Kysely<MetadataTables>, { number, name }: Named): Promise<number> {
  const trained = database.selectFrom('model_versions').where('model', '=', name)
  const logged = database.selectFrom('logged_versions').where('model', '=', number)
  const last = [
    await trained.select(({ fn }) => fn.max('version').as('last')).executeTakeFirstOrThrow(),
    await logged.select(({ fn }) => fn.max('version').as('last')).executeTakeFirstOrThrow(),
  ]
  return Math.max(...last.map((row) => row.last ?? 0)) + 1
}

/**
 * The number of a version that can serve: that of the logged version which it gives a contract to; the one that it had
 * elsewhere, where nothing here has it; else the next.
 * @throws TruelineError `unknown_version`, `version_has_contract`
 */
export async function versionNumber(
  database: Kysely<MetadataTables>,
  named: Named,
  { version, logged }: { readonly version?: number; readonly logged?: number },
): Promise<number> {
  const asked = logged ?? version
  if (asked === undefined) return await nextVersion(database, named)
  const trained = database.selectFrom('model_versions').where('model', '=', named.name).where('version', '=', asked)
  const others = database.selectFrom('logged_versions').where('model', '=', named.number).where('version', '=', asked)
  const isTrained = (await trained.select('version').executeTakeFirst()) !== undefined
  const other = await others.select('deleted_at').executeTakeFirst()
  if (logged === undefined) return isTrained || other !== undefined ? await nextVersion(database, named) : asked
  if (isTrained)
    throw new TruelineError('version_has_contract', `Version ${asked} of '${named.name}' has a contract already.`)
  if (other?.deleted_at === null) return asked
  throw new TruelineError('unknown_version', `No version ${asked} of the model '${named.name}' was logged.`)
}
