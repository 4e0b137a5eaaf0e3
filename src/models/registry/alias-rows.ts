import type { Kysely } from 'kysely'
import type { Identity } from '../../governance/identity.ts'
import type { MetadataTransaction } from '../../stores/metadata/metadata.ts'
import type { AliasChangeRow } from '../../stores/metadata/registry-tables.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'
import { CHAMPION, governedAmong } from './model-policy.ts'
import { currentServing } from './serving-history.ts'
import type { Named } from './version-number.ts'

/** Where an alias stands from a time on. */
export interface AliasRecord {
  readonly alias: string
  /** Null once it was taken away. */
  readonly version: number | null
  /** Microseconds; never falls from one record of a model to the next. */
  readonly from: number
  readonly reason: string | null
  readonly by: Identity
}

/** An alias that stands for a version. */
export type StandingAlias = AliasRecord & { readonly version: number }

/** Changes of the aliases of a registered model, by its number. */
export function aliasRows(database: Kysely<MetadataTables>, model: number) {
  return database.selectFrom('alias_changes').selectAll().where('model', '=', model)
}

/** Where the aliases of a model stand, by name; `champion` of a governed model is what serves. */
export async function standingAliases(
  database: Kysely<MetadataTables>,
  { number, name }: Named,
): Promise<readonly StandingAlias[]> {
  const newest = aliasRows(database, number)
    .where('version', 'is not', null)
    .where(({ eb, selectFrom }) =>
      eb(
        'sequence',
        '=',
        selectFrom('alias_changes as later')
          .select(({ fn }) => fn.max('later.sequence').as('newest'))
          .where('later.model', '=', number)
          .whereRef('later.alias', '=', 'alias_changes.alias'),
      ),
    )
  const standing = (await newest.orderBy('alias').execute()).map((row) => aliasRecordOf(row) as StandingAlias)
  const serving = await currentServing({ database }, name)
  if (serving === undefined && !standing.some(({ alias }) => alias === CHAMPION)) return standing
  if (!(await governedAmong(database, [name])).has(name)) return standing
  const others = standing.filter(({ alias }) => alias !== CHAMPION)
  if (serving === undefined) return others
  const { version, from, reason, by } = serving
  return [...others, { alias: CHAMPION, version, from, reason, by }].sort((a, b) => (a.alias < b.alias ? -1 : 1))
}

/** Adds a change of an alias to the history of a model; a clock that goes back does not reorder it. */
export async function appendAlias(
  transaction: MetadataTransaction,
  model: number,
  change: Omit<AliasRecord, 'from'>,
  now: number,
): Promise<AliasRecord> {
  const last = await aliasRows(transaction, model).orderBy('sequence', 'desc').limit(1).executeTakeFirst()
  const { alias, version, reason, by } = change
  const row: AliasChangeRow = {
    ...{ model, sequence: (last?.sequence ?? 0) + 1, alias, version, reason },
    ...{ by_name: by.name, by_asserted: by.asserted ? 1 : 0, at: Math.max(now, last?.at ?? now) },
  }
  await transaction.insertInto('alias_changes').values(row).execute()
  return aliasRecordOf(row)
}

/** A change of an alias from its row. */
export function aliasRecordOf(row: AliasChangeRow): AliasRecord {
  const by = { name: row.by_name, asserted: row.by_asserted === 1 }
  return { alias: row.alias, version: row.version, from: row.at, reason: row.reason, by }
}
