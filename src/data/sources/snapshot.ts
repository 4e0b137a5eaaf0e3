import { canonicalJson } from '../../core/canonical.ts'
import { digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { SourceDefinition } from '../../language/define/source-definition.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { createEventReader } from '../features/event-reader.ts'
import type { PlacedRow, SourceRow } from './source-page.ts'

/** Content of a row that was deleted. */
const DELETED = ''
const ROWS_AT_ONCE = 500
/** A snapshot of fewer rows may lose any number of them. */
const FEW_ROWS = 10

/**
 * Whether a source's rows are compared with those of its last reading: it reads everything each time, and cannot tell
 * what it has sent before.
 */
export function isCompared({ from, incremental, deletions }: SourceDefinition): boolean {
  if (deletions !== undefined) return incremental === undefined
  if (from.kind === 'httpPages') return incremental === undefined && !from.continues
  return (from.kind === 'sqlite' || from.kind === 'postgres') && incremental === undefined
}

/** Follows what a source holds by comparing each reading of all of it with the one before. */
export interface Snapshot {
  /**
   * Rows that differ from the snapshot before, each with the revision that follows; the others are left out. They are
   * noted before they are sent, so that a revision that may have been sent is never given to other content.
   */
  differences(rows: readonly PlacedRow[], run: number): Promise<Differences>
  /** Notes that keys of the source are there; their rows may lack all other columns. */
  seen(keys: readonly SourceRow[], run: number): Promise<SeenKeys>
  /**
   * A page of tombstones for the rows that a run has not seen, which has seen everything; call it until it is empty.
   * @throws TruelineError `source_shrunk` when they are more than a share of all
   */
  deletions(run: number, atMost: number): Promise<SourceRow[]>
  /** Notes that everything that was given is on disk. */
  sent(transaction: MetadataTransaction): Promise<void>
}

interface SeenKeys {
  /** Some of their rows are not known, were not sent, or count as deleted. */
  readonly isNews: boolean
  /** There are keys that cannot be told. */
  readonly isUnclear: boolean
}

interface Differences {
  readonly rows: readonly PlacedRow[]
  /** There are rows whose ids cannot be told. */
  readonly isUnclear: boolean
}

interface KnownRow {
  readonly id: string
  readonly revision: number
  readonly digest: string
  readonly sent: number
}

/** How the rows of a source are compared. */
export interface ComparedRows {
  readonly source: string
  readonly stream: StreamDefinition
  /** They bring revisions that rise, of which only the order counts; else they are counted. */
  readonly areStamped: boolean
  /** Rows that were sent are sent again, as they were. */
  readonly sendsAgain: boolean
}

/** The snapshot of a source's rows, kept by id in the metadata. */
export function snapshotOf({ database }: Metadata, compared: ComparedRows): Snapshot {
  const { source, stream, areStamped, sendsAgain } = compared
  const reader = createEventReader(stream)
  // All that a deletion needs.
  const identity = [...new Set([...stream.id, ...stream.key, stream.time])]
  let checked: number | undefined
  /** Deletions up to this id were given again; undefined when all were. */
  let repeated: string | undefined = ''
  /** Ids of the rows that were given since the last that are on disk. */
  let given: string[] = []

  async function known(ids: readonly string[]): Promise<Map<string, KnownRow>> {
    const query = database.selectFrom('source_rows').select(['id', 'revision', 'digest', 'sent'])
    const rows = await query.where('source', '=', source).where('id', 'in', ids).execute()
    return new Map(rows.map((row) => [row.id, row]))
  }

  async function keep(rows: readonly (KnownRow & { readonly row: string })[], seen: number): Promise<void> {
    if (rows.length === 0) return
    await database
      .insertInto('source_rows')
      .values(rows.map((row) => ({ source, ...row, seen })))
      .onConflict((conflict) =>
        conflict.columns(['source', 'id']).doUpdateSet((row) => ({
          revision: row.ref('excluded.revision'),
          digest: row.ref('excluded.digest'),
          row: row.ref('excluded.row'),
          seen: row.ref('excluded.seen'),
          sent: row.ref('excluded.sent'),
        })),
      )
      .execute()
  }

  async function differencesOf(rows: readonly PlacedRow[], run: number): Promise<Differences> {
    const different: PlacedRow[] = []
    let isUnclear = false
    const judged: (PlacedRow & { readonly id: string; readonly digest: string })[] = []
    for (const placed of rows) {
      const { row } = placed
      const id = reader.idIn(row)
      // Without an id it cannot be compared; the stream says what is wrong with it.
      if (id === undefined) {
        different.push(placed)
        isUnclear = true
        continue
      }
      const { _revision, ...content } = row
      judged.push({ ...placed, id, digest: digestOf(canonicalJson(shownValues(areStamped ? content : row))) })
    }
    const before = await known(judged.map(({ id }) => id))
    const kept = new Map<string, KnownRow & { readonly row: string }>()
    for (const { row, place, id, digest } of judged) {
      const was = kept.get(id) ?? before.get(id)
      const isSame = was !== undefined && was.digest === digest
      const sent = isSame && was.sent === 1 ? 1 : 0
      const stamp = areStamped ? reader.revisionOf(row) : 0
      const revision = isSame ? was.revision : Math.max(stamp, was === undefined ? 0 : was.revision + 1)
      const identityOf = Object.fromEntries(identity.map((column) => [column, row[column] ?? null]))
      kept.set(id, { id, revision, digest, sent, row: canonicalJson(shownValues(identityOf)) })
      if (sent === 1 && !sendsAgain) continue
      given.push(id)
      different.push({ row: revision === 0 ? row : { ...row, _revision: revision }, place })
    }
    await keep([...kept.values()], run)
    return { rows: different, isUnclear }
  }

  return {
    async differences(rows, run) {
      const different: PlacedRow[] = []
      let isUnclear = false
      for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
        const some = await differencesOf(rows.slice(from, from + ROWS_AT_ONCE), run)
        different.push(...some.rows)
        isUnclear ||= some.isUnclear
      }
      return { rows: different, isUnclear }
    },
    async seen(keys, run) {
      let [isNews, isUnclear] = [false, false]
      for (let from = 0; from < keys.length; from += ROWS_AT_ONCE) {
        const told = keys.slice(from, from + ROWS_AT_ONCE).map(reader.idIn)
        const ids = told.filter((id) => id !== undefined)
        isUnclear ||= ids.length < told.length
        if (ids.length === 0) continue
        const before = await known(ids)
        isNews ||= ids.some((id) => {
          const { digest = DELETED, sent = 0 } = before.get(id) ?? {}
          return digest === DELETED || sent === 0
        })
        const present = database.updateTable('source_rows').set({ seen: run }).where('source', '=', source)
        await present.where('id', 'in', ids).execute()
      }
      return { isNews, isUnclear }
    },
    async deletions(run, atMost) {
      const present = database.selectFrom('source_rows').where('source', '=', source).where('digest', '!=', DELETED)
      const gone = present.where('seen', '!=', run)
      // Noted by a turn that broke off before they were sent.
      const noted = database.selectFrom('source_rows').where('source', '=', source).where('digest', '=', DELETED)
      if (checked !== run) {
        const count = (query: typeof present) =>
          query.select((row) => row.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
        const [all, lost] = [(await count(present)).count, (await count(gone)).count]
        if (all >= FEW_ROWS && lost > atMost * all)
          throw new TruelineError('source_shrunk', `Source '${source}' lacks ${lost} of ${all} rows that it had.`, {
            path: source,
          })
        checked = run
      }
      if (repeated !== undefined) {
        const unsent = noted.where('sent', '=', 0).where('id', '>', repeated).orderBy('id').limit(ROWS_AT_ONCE)
        const again = await unsent.select(['id', 'revision', 'row']).execute()
        repeated = again.at(-1)?.id
        given.push(...again.map(({ id }) => id))
        if (again.length > 0) return again.map(tombstone)
      }
      const rows = await gone.select(['id', 'revision', 'row']).orderBy('id').limit(ROWS_AT_ONCE).execute()
      const deleted = rows.map(({ id, revision, row }) => ({
        id,
        revision: revision + 1,
        digest: DELETED,
        row,
        sent: 0,
      }))
      await keep(deleted, run)
      given.push(...deleted.map(({ id }) => id))
      return deleted.map(tombstone)
    },
    async sent(transaction) {
      for (let from = 0; from < given.length; from += ROWS_AT_ONCE) {
        const rows = transaction.updateTable('source_rows').set({ sent: 1 }).where('source', '=', source)
        await rows.where('id', 'in', given.slice(from, from + ROWS_AT_ONCE)).execute()
      }
      given = []
    },
  }
}

/** A row with what JSON cannot hold as text, to be compared. */
function shownValues(row: SourceRow): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    ]),
  )
}

function tombstone({ revision, row }: { readonly revision: number; readonly row: string }): SourceRow {
  return { ...(JSON.parse(row) as SourceRow), _revision: revision, _tombstone: true }
}
