import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
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
 * contract, what was logged. Deleted ones are left out. What is asked of the table is asked of each half, by its indexes.
 */
export function versionRows(
  database: Kysely<MetadataTables>,
): SelectQueryBuilder<MetadataTables & { versions: VersionRow }, 'versions', VersionRow> {
  return database
    .selectFrom(
      sql<VersionRow>`(
        SELECT logged.model, named.name, logged.version, 1 AS logged, trained.version IS NOT NULL AS servable,
          logged.source, logged.run, logged.logged_model, logged.run_link, logged.signature, logged.author_name,
          logged.author_asserted, logged.created_at, ifnull(note.description, '') AS description,
          max(logged.created_at, ifnull(note.updated_at, 0)) AS updated_at
        FROM logged_versions AS logged
          JOIN registered_models AS named ON named.number = logged.model AND named.deleted_at IS NULL
          LEFT JOIN model_versions AS trained ON trained.model = named.name AND trained.version = logged.version
          LEFT JOIN version_notes AS note ON note.model = logged.model AND note.version = logged.version
        WHERE logged.deleted_at IS NULL
        UNION ALL
        SELECT named.number, named.name, trained.version, 0, 1, 'trueline:/' || trained.model || '/' || trained.version,
          'run-' || trained.run, NULL, NULL, NULL, trained.author_name,
          trained.author_asserted, trained.created_at, ifnull(note.description, ''),
          max(trained.created_at, ifnull(note.updated_at, 0))
        FROM model_versions AS trained
          JOIN registered_models AS named ON named.name = trained.model AND named.deleted_at IS NULL
          LEFT JOIN version_notes AS note ON note.model = named.number AND note.version = trained.version
        WHERE NOT EXISTS (SELECT 1 FROM logged_versions AS logged
          WHERE logged.model = named.number AND logged.version = trained.version)
      )`.as('versions'),
    )
    .selectAll()
}
