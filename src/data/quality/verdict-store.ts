import type { Selectable } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import type { QualityVerdictRow } from '../../stores/metadata/tables.ts'
import type { ColumnProfile } from './profile/column-profile.ts'
import type { CheckResult, QualityReport, QualityVerdict } from './quality-run.ts'

/** Where a gate stands. */
export type QualityScope = 'import' | 'source' | 'window' | 'features' | 'training' | 'serving' | 'batch' | 'asked'

/** A kept judgement on a batch. */
export interface StoredVerdict {
  /** `verdict-` and a number that rises. */
  readonly id: string
  readonly scope: QualityScope
  /** `stream/NAME`, `features/NAME` or `model/NAME`. */
  readonly subject: string
  /** What was judged, for people: a file, an hour, a run. */
  readonly batch: string
  /** Microseconds. */
  readonly at: number
  readonly rows: number
  readonly rejected: number
  readonly verdict: QualityVerdict
  readonly results: readonly CheckResult[]
}

export interface NewVerdict {
  readonly scope: QualityScope
  readonly subject: string
  readonly batch: string
  readonly rejected?: number
  readonly report: QualityReport
}

/** Verdicts that are kept of one subject: the newest. */
const MOST_KEPT = 2000

/** Keeps a judgement, and its profile in place of the one before. */
export async function recordVerdict({ database, clock }: Metadata, verdict: NewVerdict): Promise<StoredVerdict> {
  const { scope, subject, batch, rejected = 0, report } = verdict
  const at = clock.now()
  return await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .insertInto('quality_verdicts')
      .values({
        ...{ scope, subject, batch, at, rejected },
        rows: report.rows,
        verdict: report.verdict,
        results: canonicalJson(report.results),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    const oldest = await transaction
      .selectFrom('quality_verdicts')
      .select('number')
      .where('subject', '=', subject)
      .orderBy('number', 'desc')
      .offset(MOST_KEPT)
      .limit(1)
      .executeTakeFirst()
    if (oldest !== undefined)
      await transaction
        .deleteFrom('quality_verdicts')
        .where('subject', '=', subject)
        .where('number', '<=', oldest.number)
        .execute()
    if (report.profile !== undefined) await keepProfile(transaction, subject, at, report)
    return verdictOf(row)
  })
}

/** Keeps what the columns of a subject hold, in place of what they held before. */
export async function recordProfile(
  { database, clock }: Metadata,
  subject: string,
  report: QualityReport,
): Promise<void> {
  await keepProfile(database, subject, clock.now(), report)
}

async function keepProfile(
  database: Metadata['database'] | MetadataTransaction,
  subject: string,
  at: number,
  report: QualityReport,
): Promise<void> {
  const profile = { at, rows: report.rows, columns: canonicalJson(report.profile ?? []) }
  await database
    .insertInto('quality_profiles')
    .values({ subject, ...profile })
    .onConflict((conflict) => conflict.column('subject').doUpdateSet(profile))
    .execute()
}

/** Which verdicts, newest first. */
export interface VerdictQuery {
  readonly subject?: string | undefined
  readonly scope?: QualityScope | undefined
  readonly batch?: string | undefined
  /** Only those that say something: not those of batches too small to tell. */
  readonly decided?: boolean
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

export async function listVerdicts(
  { database }: Metadata,
  { subject, scope, batch, decided = false, limit = 50, offset = 0 }: VerdictQuery,
): Promise<{ readonly total: number; readonly verdicts: readonly StoredVerdict[] }> {
  let query = database.selectFrom('quality_verdicts')
  if (subject !== undefined) query = query.where('subject', '=', subject)
  if (scope !== undefined) query = query.where('scope', '=', scope)
  if (batch !== undefined) query = query.where('batch', '=', batch)
  if (decided) query = query.where('verdict', '!=', 'insufficient')
  const rows = await query.selectAll().orderBy('number', 'desc').limit(limit).offset(offset).execute()
  const { total } = await query.select((all) => all.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  return { total, verdicts: rows.map(verdictOf) }
}

/** The newest verdict on each subject. */
export async function newestVerdicts({ database }: Metadata): Promise<readonly StoredVerdict[]> {
  const rows = await database
    .selectFrom('quality_verdicts')
    .selectAll()
    .where('number', 'in', (all) =>
      all
        .selectFrom('quality_verdicts')
        .select(({ fn }) => fn.max('number').as('number'))
        .groupBy('subject'),
    )
    .orderBy('subject')
    .execute()
  return rows.map(verdictOf)
}

/** @throws TruelineError `unknown_verdict` */
export async function readVerdict({ database }: Metadata, id: string): Promise<StoredVerdict> {
  const number = /^verdict-\d{1,15}$/.test(id) ? Number(id.slice('verdict-'.length)) : -1
  const row = await database.selectFrom('quality_verdicts').selectAll().where('number', '=', number).executeTakeFirst()
  if (row === undefined) throw new TruelineError('unknown_verdict', `There is no verdict '${id}'.`, { path: id })
  return verdictOf(row)
}

/** What is known of a subject's columns; undefined before it was ever profiled. */
export interface StoredProfile {
  /** Microseconds. */
  readonly at: number
  readonly rows: number
  readonly columns: readonly ColumnProfile[]
}

export async function readProfile({ database }: Metadata, subject: string): Promise<StoredProfile | undefined> {
  const row = await database
    .selectFrom('quality_profiles')
    .selectAll()
    .where('subject', '=', subject)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return { at: row.at, rows: row.rows, columns: JSON.parse(row.columns) as ColumnProfile[] }
}

function verdictOf({ number, results, ...row }: Selectable<QualityVerdictRow>): StoredVerdict {
  return { id: `verdict-${number}`, ...row, results: JSON.parse(results) as CheckResult[] }
}
