import type { Kysely } from 'kysely'
import type { AuditRow, MetadataTables } from '../stores/metadata/tables.ts'
import { AUDIT_ORIGIN, type AuditHead, auditDigest } from './audit-log.ts'

/** Whether the audit log is what was written, and where it first is not. */
export type AuditVerification =
  | { readonly intact: true; readonly entries: number; readonly head: AuditHead }
  | {
      readonly intact: false
      readonly entries: number
      readonly broken: { readonly sequence: number; readonly why: string }
    }

const ENTRIES_AT_ONCE = 1000

/**
 * Recomputes the whole chain. It finds every change, removal, insertion and reordering, save the removal of the newest
 * entries, which only a head that was kept elsewhere can prove.
 * @param known a head from an earlier time
 */
export async function verifyAudit(database: Kysely<MetadataTables>, known?: AuditHead): Promise<AuditVerification> {
  let head = AUDIT_ORIGIN
  for (;;) {
    const rows = await entriesAfter(database, head.sequence)
    for (const row of rows) {
      const why = fault(row, head, known)
      if (why !== undefined) return { intact: false, entries: head.sequence, broken: { sequence: row.sequence, why } }
      head = { sequence: row.sequence, digest: row.digest }
    }
    if (rows.length < ENTRIES_AT_ONCE) break
  }
  if (known === undefined || known.sequence <= head.sequence) return { intact: true, entries: head.sequence, head }
  const why = `The log ends at entry ${head.sequence}; it once had ${known.sequence}.`
  return { intact: false, entries: head.sequence, broken: { sequence: head.sequence + 1, why } }
}

function entriesAfter(database: Kysely<MetadataTables>, sequence: number): Promise<AuditRow[]> {
  const query = database.selectFrom('audit_entries').selectAll().where('sequence', '>', sequence)
  return query.orderBy('sequence').limit(ENTRIES_AT_ONCE).execute()
}

function fault(row: AuditRow, head: AuditHead, known: AuditHead | undefined): string | undefined {
  if (row.sequence !== head.sequence + 1)
    return `Entries after ${head.sequence} and before ${row.sequence} are missing.`
  if (row.previous !== head.digest) return `Entry ${row.sequence} does not follow entry ${head.sequence}.`
  if (row.digest !== auditDigest(row)) return `Entry ${row.sequence} is not what was written.`
  if (known?.sequence === row.sequence && known.digest !== row.digest)
    return `Entry ${row.sequence} is not the one that was known.`
  return undefined
}
