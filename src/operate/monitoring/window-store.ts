import type { Insertable, Selectable } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { cursorNumbers, type Page, type PageRequest, pageLimit, pageOf } from '../../stores/metadata/page.ts'
import type { MonitorWindowRow } from '../../stores/metadata/tables.ts'

export type MonitorKind = 'service' | 'data' | 'prediction' | 'outcome'

/** What was measured of a model in a stretch of time: one point of one of the console's strips. */
export interface MonitorWindow {
  readonly model: string
  /** The version that served. */
  readonly version: number
  readonly kind: MonitorKind
  /** Absent when it is not about one feature. */
  readonly feature?: string
  /** Microseconds; the stretch is [start, start + length). */
  readonly start: number
  readonly length: number
  /** Plain JSON data, as the monitor of this kind writes it. */
  readonly payload: unknown
}

/** Rows of one statement: SQLite takes up to 32,766 values in one. */
const WINDOWS_AT_ONCE = 500

/** Keeps windows, all or none, each in place of the one measured before of the same stretch. */
export async function saveWindows({ database }: Metadata, windows: readonly MonitorWindow[]): Promise<void> {
  const rows = windows.map(rowOf)
  await database.transaction().execute(async (transaction) => {
    for (let start = 0; start < rows.length; start += WINDOWS_AT_ONCE)
      await transaction
        .insertInto('monitor_windows')
        .values(rows.slice(start, start + WINDOWS_AT_ONCE))
        .onConflict((conflict) =>
          conflict
            .columns(['model', 'kind', 'feature', 'window_start', 'window_length', 'version'])
            .doUpdateSet((row) => ({ payload: row.ref('excluded.payload') })),
        )
        .execute()
  })
}

function rowOf(window: MonitorWindow): Insertable<MonitorWindowRow> {
  return {
    model: window.model,
    version: window.version,
    kind: window.kind,
    feature: window.feature ?? '',
    window_start: window.start,
    window_length: window.length,
    payload: canonicalJson(window.payload),
  }
}

/** Which windows are meant: all of a model and kind unless told. */
export interface WindowFilter {
  readonly model: string
  readonly kind: MonitorKind
  readonly version?: number
  readonly feature?: string
  /** Those that start within [from, until), microseconds. */
  readonly from?: number
  readonly until?: number
  /** Of this length at least, and at most, microseconds. */
  readonly shortest?: number
  readonly longest?: number
}

/** When the first window of a model began that is kept, of its service or its outcomes; undefined where none is. */
export async function firstWindow({ database }: Metadata, model: string): Promise<number | undefined> {
  const starts = await Promise.all(
    (['service', 'outcome'] as const).map(async (kind) => {
      const query = database.selectFrom('monitor_windows').where('model', '=', model).where('kind', '=', kind)
      const { first } = await query
        .select((window) => window.fn.min<number | null>('window_start').as('first'))
        .executeTakeFirstOrThrow()
      return first ?? Number.POSITIVE_INFINITY
    }),
  )
  const first = Math.min(...starts)
  return Number.isFinite(first) ? first : undefined
}

/** Windows of a model and kind, oldest first. */
export async function listWindows(
  { database }: Metadata,
  request: PageRequest & WindowFilter,
): Promise<Page<MonitorWindow>> {
  const limit = pageLimit(request)
  const after = cursorNumbers(request, 2)
  const { model, kind, version, feature, from, until, shortest, longest } = request
  let query = database.selectFrom('monitor_windows').selectAll().where('model', '=', model).where('kind', '=', kind)
  if (version !== undefined) query = query.where('version', '=', version)
  if (feature !== undefined) query = query.where('feature', '=', feature)
  if (from !== undefined) query = query.where('window_start', '>=', from)
  if (until !== undefined) query = query.where('window_start', '<', until)
  if (shortest !== undefined) query = query.where('window_length', '>=', shortest)
  if (longest !== undefined) query = query.where('window_length', '<=', longest)
  if (after !== undefined) {
    const [start = 0, number = 0] = after
    query = query.where((window) => window(window.refTuple('window_start', 'number'), '>', window.tuple(start, number)))
  }
  const rows = await query
    .orderBy('window_start')
    .orderBy('number')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, (row) => [row.window_start, row.number], windowOf)
}

function windowOf(row: Selectable<MonitorWindowRow>): MonitorWindow {
  return {
    model: row.model,
    version: row.version,
    kind: row.kind,
    ...(row.feature === '' ? {} : { feature: row.feature }),
    start: row.window_start,
    length: row.window_length,
    payload: JSON.parse(row.payload),
  }
}
