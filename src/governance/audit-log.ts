import { type Kysely, sql } from 'kysely'
import { canonicalJson } from '../core/canonical.ts'
import { type Digest, digestOfJson } from '../core/digest.ts'
import type { MetadataTransaction } from '../stores/metadata/metadata.ts'
import { cursorNumbers, type Page, type PageRequest, pageLimit, pageOf } from '../stores/metadata/page.ts'
import type { AuditRow, MetadataTables } from '../stores/metadata/tables.ts'
import type { Identity } from './identity.ts'

/** What is to be remembered of an act. */
export interface Act {
  readonly by: Identity
  /** Microseconds, the platform's time. */
  readonly at: number
  /** What was done, such as `version.approve`. */
  readonly action: string
  /** To what, such as `late_flight/3`. */
  readonly target: string
  readonly reason?: string | undefined
  /** The state before and after, plain JSON data; absent where there is none. */
  readonly before?: unknown
  readonly after?: unknown
}

/** An act as the log holds it: each entry's digest covers its content and the digest before it. */
export interface AuditEntry extends Act {
  /** 1 for the first, then without gaps. */
  readonly sequence: number
  readonly previous: string
  readonly digest: string
}

/** The last entry's place in the chain: kept elsewhere, it proves later that nothing before it was changed. */
export interface AuditHead {
  readonly sequence: number
  readonly digest: string
}

/** What stands before the first entry. */
export const AUDIT_ORIGIN: AuditHead = { sequence: 0, digest: `sha256:${'0'.repeat(64)}` }

/** Digest of an entry: everything but the digest itself, the JSON columns as they are stored. */
export function auditDigest({ digest: _, ...row }: AuditRow): Digest {
  return digestOfJson(row)
}

/**
 * Adds an act to the log, in the transaction that does it: both happen or neither.
 * @returns the new head
 */
export async function recordAct(transaction: MetadataTransaction, act: Act): Promise<AuditHead> {
  const head = await auditHead(transaction)
  const content = {
    sequence: head.sequence + 1,
    at: act.at,
    by_name: act.by.name,
    by_asserted: act.by.asserted ? 1 : 0,
    action: act.action,
    target: act.target,
    reason: act.reason ?? null,
    before: act.before === undefined ? null : canonicalJson(act.before),
    after: act.after === undefined ? null : canonicalJson(act.after),
    previous: head.digest,
  }
  const row = { ...content, digest: auditDigest({ ...content, digest: '' }) }
  await transaction.insertInto('audit_entries').values(row).execute()
  return { sequence: row.sequence, digest: row.digest }
}

/** The last entry's place; `AUDIT_ORIGIN` when there is none. */
export async function auditHead(database: Kysely<MetadataTables>): Promise<AuditHead> {
  const last = database.selectFrom('audit_entries').select(['sequence', 'digest']).orderBy('sequence', 'desc').limit(1)
  return (await last.executeTakeFirst()) ?? AUDIT_ORIGIN
}

/** Which entries are meant: all of them unless told. */
export interface AuditFilter {
  readonly target?: string | undefined
  readonly action?: string | undefined
  /** Who did it, by name. */
  readonly by?: string | undefined
  /** A text within the act, its target, its reason or the name of who did it; the case of letters of ASCII does not matter. */
  readonly search?: string | undefined
  /** Done within [from, to), microseconds. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** Entries, newest first. */
export async function listAudit(
  database: Kysely<MetadataTables>,
  request: PageRequest & AuditFilter = {},
): Promise<Page<AuditEntry>> {
  const limit = pageLimit(request)
  const before = cursorNumbers(request, 1)?.[0]
  const { target, action, by, search, from, to } = request
  let query = database.selectFrom('audit_entries').selectAll()
  if (target !== undefined) query = query.where('target', '=', target)
  if (action !== undefined) query = query.where('action', '=', action)
  if (by !== undefined) query = query.where('by_name', '=', by)
  if (from !== undefined) query = query.where('at', '>=', from)
  if (to !== undefined) query = query.where('at', '<', to)
  if (search !== undefined) {
    const pattern = `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`
    query = query.where(({ or }) =>
      or(
        (['action', 'target', 'by_name', 'reason'] as const).map(
          (column) => sql<boolean>`${sql.ref(column)} LIKE ${pattern} ESCAPE '\\'`,
        ),
      ),
    )
  }
  if (before !== undefined) query = query.where('sequence', '<', before)
  const rows = await query
    .orderBy('sequence', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, (row) => [row.sequence], entryOf)
}

function entryOf(row: AuditRow): AuditEntry {
  return {
    sequence: row.sequence,
    at: row.at,
    by: { name: row.by_name, asserted: row.by_asserted === 1 },
    action: row.action,
    target: row.target,
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.before === null ? {} : { before: JSON.parse(row.before) }),
    ...(row.after === null ? {} : { after: JSON.parse(row.after) }),
    previous: row.previous,
    digest: row.digest,
  }
}
