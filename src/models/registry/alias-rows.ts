import { type Kysely, sql } from 'kysely'
import type { Identity } from '../../governance/identity.ts'
import type { MetadataTransaction } from '../../stores/metadata/metadata.ts'
import type { AliasChangeRow } from '../../stores/metadata/registry-tables.ts'
import type { MetadataTables, ServingRow } from '../../stores/metadata/tables.ts'
import { CHAMPION, governedAmong } from './model-policy.ts'
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

/** Where the aliases of a model, by its number, were set to stand, by name: also what the rules do not let count. */
export async function setAliases(database: Kysely<MetadataTables>, model: number): Promise<readonly StandingAlias[]> {
  const rows = await newestRows(database, [model])
  return rows.map((row) => aliasRecordOf(row) as StandingAlias)
}

async function newestRows(
  database: Kysely<MetadataTables>,
  models: readonly number[],
): Promise<readonly AliasChangeRow[]> {
  const { rows } = await sql<AliasChangeRow>`SELECT standing.* FROM
    (SELECT model, max(sequence) AS sequence FROM alias_changes
      WHERE model IN (SELECT value FROM json_each(${JSON.stringify(models)})) GROUP BY model, alias) AS newest
    JOIN alias_changes AS standing USING (model, sequence)
    WHERE standing.version IS NOT NULL ORDER BY standing.alias`.execute(database)
  return rows
}

/** Where the aliases of a model stand, by name; `champion` of a governed model is what serves. */
export async function standingAliases(
  database: Kysely<MetadataTables>,
  named: Named,
): Promise<readonly StandingAlias[]> {
  return (await standingAliasesOf(database, [named])).get(named.number)!
}

/** Where the aliases of models stand, by the numbers of these; a fixed number of queries. */
export async function standingAliasesOf(
  database: Kysely<MetadataTables>,
  models: readonly Named[],
): Promise<ReadonlyMap<number, readonly StandingAlias[]>> {
  const names = JSON.stringify(models.map(({ name }) => name))
  const rows = await newestRows(
    database,
    models.map(({ number }) => number),
  )
  const { rows: serving } = await sql<ServingRow>`SELECT serving.* FROM json_each(${names}) AS named
    JOIN serving_history AS serving ON serving.model = named.value AND serving.sequence =
      (SELECT max(sequence) FROM serving_history AS later WHERE later.model = named.value)`.execute(database)
  const standing = new Map<number, StandingAlias[]>(models.map(({ number }) => [number, []]))
  for (const row of rows) standing.get(row.model)!.push(aliasRecordOf(row) as StandingAlias)
  const claimed = models.filter(
    ({ number, name }) =>
      serving.some(({ model }) => model === name) || standing.get(number)!.some(({ alias }) => alias === CHAMPION),
  )
  if (claimed.length === 0) return standing
  const governed = await governedAmong(
    database,
    claimed.map(({ name }) => name),
  )
  for (const { number, name } of claimed) {
    if (!governed.has(name)) continue
    const others = standing.get(number)!.filter(({ alias }) => alias !== CHAMPION)
    const champions = serving.filter(({ model }) => model === name).map((row) => championOf(row))
    standing.set(
      number,
      [...others, ...champions].sort((a, b) => (a.alias < b.alias ? -1 : 1)),
    )
  }
  return standing
}

function championOf({ version, at, reason, by_name, by_asserted }: ServingRow): StandingAlias {
  return { alias: CHAMPION, version, from: at, reason, by: { name: by_name, asserted: by_asserted === 1 } }
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
