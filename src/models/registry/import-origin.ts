import type { Kysely } from 'kysely'
import type { Identity } from '../../governance/identity.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'

/** A file that was judged in a run in place of a model that is trained. */
export interface ImportedFile {
  /** Its digest. */
  readonly file: string
  /** Where among the artifacts it was logged, or what it was called where it came from. */
  readonly from?: string
}

/** The file that a run imported, by the run's parameters; undefined of a run that trained. */
export function importedFile(parameters: Readonly<Record<string, unknown>>): ImportedFile | undefined {
  const { imported } = parameters as { readonly imported?: unknown }
  return typeof imported === 'object' && imported !== null ? (imported as ImportedFile) : undefined
}

/** Who logged a version before it was given a contract, and what it was logged from. */
export interface LoggedOrigin {
  readonly by: Identity
  /** Id of the run that made it; undefined where nobody said. */
  readonly run: string | undefined
  readonly loggedModel: string | undefined
  /** Microseconds. */
  readonly at: number
}

/** What a version was logged as; undefined of one that was not. */
export async function loggedOrigin(
  database: Kysely<MetadataTables>,
  model: string,
  version: number,
): Promise<LoggedOrigin | undefined> {
  const row = await database
    .selectFrom('logged_versions as logged')
    .innerJoin('registered_models as named', 'named.number', 'logged.model')
    .leftJoin('logged_models as files', 'files.id', 'logged.logged_model')
    .select(['logged.author_name', 'logged.author_asserted', 'logged.run', 'logged.logged_model', 'logged.created_at'])
    .select('files.source_run')
    .where('named.name', '=', model)
    .where('named.deleted_at', 'is', null)
    .where('logged.version', '=', version)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    by: { name: row.author_name, asserted: row.author_asserted === 1 },
    run: row.run || row.source_run || undefined,
    loggedModel: row.logged_model || undefined,
    at: row.created_at,
  }
}
