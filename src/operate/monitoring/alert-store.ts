import type { Kysely, Selectable } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { cursorNumbers, type Page, type PageRequest, pageLimit, pageOf } from '../../stores/metadata/page.ts'
import type { AlertRow, MetadataTables } from '../../stores/metadata/tables.ts'
import { type AlertKind, runbookOf, type Severity } from './alert-kinds.ts'

/** Something that somebody should know: open until it is resolved. */
export interface Alert {
  /** `alert-` and a number that rises. */
  readonly id: string
  readonly model: string
  readonly kind: AlertKind
  /** Absent when it is not about one feature. */
  readonly feature?: string
  readonly severity: Severity
  /** One plain sentence. */
  readonly title: string
  /** Why it is no accident, as the monitor wrote it. */
  readonly evidence: unknown
  /** How much it matters, as the monitor wrote it. */
  readonly effect: unknown
  /** Rows that it was judged on. */
  readonly n: number
  /** Path of the page that says what to do. */
  readonly runbook: string
  /** Microseconds. */
  readonly openedAt: number
  readonly lastSeenAt: number
  readonly resolvedAt?: number
  readonly acknowledgedBy?: string
}

/** What an alert is about: only one of them is open at a time. */
export interface AlertSubject {
  readonly model: string
  readonly kind: AlertKind
  readonly feature?: string
}

/** What a monitor saw; evidence and effect are plain JSON data. */
export interface Sighting extends AlertSubject {
  readonly severity: Severity
  readonly title: string
  readonly evidence: unknown
  readonly effect: unknown
  readonly n: number
}

/**
 * Opens an alert, or brings the one that is open about the same subject up to date.
 * @returns the alert, and whether it was opened just now
 */
export async function raiseAlert(
  { database, clock }: Metadata,
  sighting: Sighting,
): Promise<{ readonly alert: Alert; readonly opened: boolean }> {
  const at = clock.now()
  const seen = {
    severity: sighting.severity,
    title: sighting.title,
    evidence: canonicalJson(sighting.evidence),
    effect: canonicalJson(sighting.effect),
    n: sighting.n,
    last_seen_at: at,
  }
  return await database.transaction().execute(async (transaction) => {
    const open = await openAlert(transaction, sighting)
    if (open !== undefined) {
      const query = transaction.updateTable('alerts').set(seen).where('number', '=', open.number).returningAll()
      return { alert: alertOf(await query.executeTakeFirstOrThrow()), opened: false }
    }
    const { model, kind, feature = null } = sighting
    const row = { ...seen, model, kind, feature, runbook: runbookOf(kind), opened_at: at }
    const query = transaction.insertInto('alerts').values(row).returningAll()
    return { alert: alertOf(await query.executeTakeFirstOrThrow()), opened: true }
  })
}

/** Resolves the alert that is open about a subject; undefined when none is. */
export async function resolveAlert({ database, clock }: Metadata, subject: AlertSubject): Promise<Alert | undefined> {
  return await database.transaction().execute(async (transaction) => {
    const open = await openAlert(transaction, subject)
    if (open === undefined) return undefined
    const query = transaction.updateTable('alerts').set({ resolved_at: clock.now() }).where('number', '=', open.number)
    return alertOf(await query.returningAll().executeTakeFirstOrThrow())
  })
}

/**
 * Notes who takes care of an alert, with an entry in the audit log.
 * @throws TruelineError `unknown_alert`
 */
export async function acknowledgeAlert({ database, clock }: Metadata, id: string, by: Identity): Promise<Alert> {
  return await database.transaction().execute(async (transaction) => {
    const { number, acknowledged_by } = await findAlert(transaction, id)
    const query = transaction.updateTable('alerts').set({ acknowledged_by: by.name }).where('number', '=', number)
    const row = await query.returningAll().executeTakeFirstOrThrow()
    const states = { before: { acknowledgedBy: acknowledged_by }, after: { acknowledgedBy: by.name } }
    await recordAct(transaction, { by, at: clock.now(), action: 'alert.acknowledge', target: id, ...states })
    return alertOf(row)
  })
}

/**
 * An alert by its id.
 * @throws TruelineError `unknown_alert`
 */
export async function readAlert({ database }: Metadata, id: string): Promise<Alert> {
  return alertOf(await findAlert(database, id))
}

/** Which alerts are meant: all of them unless told. */
export interface AlertFilter {
  readonly model?: string
  /** Not about one of these. */
  readonly besides?: readonly string[]
  readonly state?: 'open' | 'resolved'
  /** Opened within [from, until), microseconds. */
  readonly from?: number
  readonly until?: number
}

/** Alerts, those opened last first. */
export async function listAlerts(
  { database }: Metadata,
  request: PageRequest & AlertFilter = {},
): Promise<Page<Alert>> {
  const limit = pageLimit(request)
  const before = cursorNumbers(request, 1)?.[0]
  let query = filtered(database, request).selectAll()
  if (before !== undefined) query = query.where('number', '<', before)
  const rows = await query
    .orderBy('number', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, (row) => [row.number], alertOf)
}

/** How many alerts there are. */
export async function countAlerts({ database }: Metadata, filter: AlertFilter = {}): Promise<number> {
  const query = filtered(database, filter).select((alert) => alert.fn.countAll<number>().as('count'))
  return (await query.executeTakeFirstOrThrow()).count
}

function filtered(database: Kysely<MetadataTables>, { model, besides = [], state, from, until }: AlertFilter) {
  let query = database.selectFrom('alerts')
  if (model !== undefined) query = query.where('model', '=', model)
  if (besides.length > 0) query = query.where('model', 'not in', besides)
  if (state === 'open') query = query.where('resolved_at', 'is', null)
  if (state === 'resolved') query = query.where('resolved_at', 'is not', null)
  if (from !== undefined) query = query.where('opened_at', '>=', from)
  if (until !== undefined) query = query.where('opened_at', '<', until)
  return query
}

async function openAlert(database: Kysely<MetadataTables>, { model, kind, feature }: AlertSubject) {
  return await database
    .selectFrom('alerts')
    .select('number')
    .where('model', '=', model)
    .where('kind', '=', kind)
    .where('feature', feature === undefined ? 'is' : '=', feature ?? null)
    .where('resolved_at', 'is', null)
    .executeTakeFirst()
}

async function findAlert(database: Kysely<MetadataTables>, id: string): Promise<Selectable<AlertRow>> {
  const number = Number(/^alert-([1-9]\d{0,14})$/.exec(id)?.[1] ?? 0)
  const row = await database.selectFrom('alerts').selectAll().where('number', '=', number).executeTakeFirst()
  if (row === undefined) throw new TruelineError('unknown_alert', `There is no alert '${id}'.`)
  return row
}

function alertOf(row: Selectable<AlertRow>): Alert {
  return {
    id: `alert-${row.number}`,
    model: row.model,
    kind: row.kind as AlertKind,
    ...(row.feature === null ? {} : { feature: row.feature }),
    severity: row.severity,
    title: row.title,
    evidence: JSON.parse(row.evidence),
    effect: JSON.parse(row.effect),
    n: row.n,
    runbook: row.runbook,
    openedAt: row.opened_at,
    lastSeenAt: row.last_seen_at,
    ...(row.resolved_at === null ? {} : { resolvedAt: row.resolved_at }),
    ...(row.acknowledged_by === null ? {} : { acknowledgedBy: row.acknowledged_by }),
  }
}
