import { type Kysely, sql } from 'kysely'
import type { MetadataTables } from '../../stores/metadata/tables.ts'

/** A version of either kind, with the name of its model and what was written about it, as SQL gives it. */
export interface VersionRow {
  /** Number of the registered model. */
  readonly model: number
  readonly name: string
  readonly version: number
  readonly logged: number
  readonly servable: number
  readonly source: string
  readonly run: string | null
  readonly logged_model: string | null
  readonly run_link: string | null
  /** JSON */
  readonly signature: string | null
  readonly author_name: string
  readonly author_asserted: number
  readonly created_at: number
  readonly updated_at: number
  readonly description: string
}

/**
 * Every version that there is, logged or trained here, as one table: of a version that was logged and then given a
 * contract, what was logged. Deleted ones are left out.
 */
export function versionRows(database: Kysely<MetadataTables>) {
  return database
    .selectFrom(
      sql<VersionRow>`(
        WITH either AS (
          SELECT logged.model, logged.version, 1 AS logged, trained.version IS NOT NULL AS servable, source,
            logged.run, logged_model, run_link, signature, logged.author_name, logged.author_asserted, logged.created_at
          FROM logged_versions AS logged
            JOIN registered_models AS named ON named.number = logged.model
            LEFT JOIN model_versions AS trained ON trained.model = named.name AND trained.version = logged.version
          WHERE logged.deleted_at IS NULL
          UNION ALL
          SELECT named.number, trained.version, 0, 1, 'trueline:/' || trained.model || '/' || trained.version,
            'run-' || trained.run, NULL, NULL, NULL, trained.author_name, trained.author_asserted, trained.created_at
          FROM model_versions AS trained
            JOIN registered_models AS named ON named.name = trained.model AND named.deleted_at IS NULL
            LEFT JOIN logged_versions AS logged ON logged.model = named.number AND logged.version = trained.version
          WHERE logged.version IS NULL
        )
        SELECT either.*, named.name, ifnull(note.description, '') AS description,
          max(either.created_at, ifnull(note.updated_at, 0)) AS updated_at
        FROM either
          JOIN registered_models AS named ON named.number = either.model AND named.deleted_at IS NULL
          LEFT JOIN version_notes AS note ON note.model = either.model AND note.version = either.version
      )`.as('versions'),
    )
    .selectAll()
}
