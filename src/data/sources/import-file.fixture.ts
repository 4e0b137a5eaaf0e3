import { writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { virtualClock } from '../../core/clock.ts'
import type { Schema } from '../../core/data-type.ts'
import { DAY, MINUTE } from '../../core/time.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { openDuckdb, sqlName, sqlText } from '../../stores/lake/duckdb.ts'
import { openLake } from '../../stores/lake/parquet-lake.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { createIngest } from '../features/ingest.ts'
import { importFile } from './import-file.ts'

export const NOW = 1_000_000_000_000_000
export const schema: Schema = {
  flight: { type: 'string', maxLength: 8 },
  delay: { type: 'int', min: -120, max: 3000, nullable: true },
  fare: { type: 'decimal', scale: 2, nullable: true },
  share: { type: 'number', nullable: true },
  cabin: { type: 'string', oneOf: ['first', 'coach'], nullable: true },
  late: { type: 'bool', nullable: true },
  at: { type: 'timestamp' },
  passport: { type: 'string', sensitive: true, nullable: true, maxLength: 6 },
}
export const flights: StreamDefinition = {
  kind: 'stream',
  name: 'flights',
  schema,
  key: ['flight'],
  id: ['flight', 'at'],
  time: 'at',
  knownAt: { lag: MINUTE },
  ahead: 5 * MINUTE,
  corrections: { within: 7 * DAY },
}

/** A log and a lake in a folder of their own, with the ways into them and what was imported. */
export async function setUp(stream = flights) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-import-'))
  const logPath = join(folder.path, 'log.db')
  const log = await openLog(logPath, { clock: virtualClock(NOW) })
  const lake = await openLake({ folder: join(folder.path, 'lake'), log, logPath, streams: { flights: stream } })
  const imported: EventBatch[] = []
  const onImported = (batch: EventBatch) => imported.push(batch)
  const ingest = createIngest({ streams: { flights: stream }, log, readEvents: lake.readEvents, onAccepted: () => {} })
  return {
    path: folder.path,
    log,
    lake,
    ingest,
    imported,
    ids: () => imported.flatMap(({ id }) => id),
    import: (path: string, more: Partial<Parameters<typeof importFile>[0]> = {}) =>
      importFile({ stream, path, log, lake, onImported, ...more }),
    csv(name: string, rows: readonly Readonly<Record<string, unknown>>[], columns = Object.keys(schema)) {
      const path = join(folder.path, name)
      const lines = rows.map((row) => columns.map((column) => csvField(row[column])).join(','))
      writeFileSync(path, `${[columns.join(','), ...lines].join('\n')}\n`)
      return path
    },
    async parquet(name: string, select: string) {
      const path = join(folder.path, name)
      const duckdb = await openDuckdb({ temporaryFolder: folder.path })
      await duckdb.withConnection((connection) => connection.run(`COPY (${select}) TO ${sqlText(path)}`))
      duckdb.close()
      return path
    },
    async [Symbol.asyncDispose]() {
      await lake.close()
      await log.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

function csvField(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value)
}

export const at = NOW - DAY
export const whole = { flight: 'AA1', delay: 5, fare: 12.3, share: 0.1, cabin: 'coach', late: true, at, passport: 'X1' }

/** Rows that break one rule each, and rows at the edges that break none; every one with its own id. */
export const edges: readonly Record<string, unknown>[] = [
  {},
  { delay: null, fare: null, share: null, cabin: null, late: null, passport: null },
  { flight: null },
  { flight: 'AA1234567' },
  { flight: '✈✈✈✈✈✈✈✈' },
  { flight: '🛫🛫🛫🛫' },
  { flight: '🛫🛫🛫🛫x' },
  { flight: 'é"\n,x' },
  { delay: -120 },
  { delay: -121 },
  { delay: 3001 },
  { delay: 2 ** 53 },
  { delay: 5.5 },
  { delay: -0 },
  { delay: Number.NaN },
  { fare: 0.07 },
  { fare: -12.34 },
  { fare: 12.345 },
  { fare: 2 ** 53 },
  { share: -0 },
  { share: 1 / 3 },
  { share: 2 ** -200 },
  { share: 2 ** -201 },
  { share: -(2 ** 200) },
  { share: 2 ** 201 },
  { share: Number.NaN },
  { cabin: 'hold' },
  { cabin: '' },
  { at: null },
  { at: 1.5 },
  { at: 2 ** 60 },
  { at: NOW - MINUTE },
  { at: NOW - MINUTE + 1 },
  { passport: 'X123456' },
].map((edge, index) => ({ ...whole, flight: `E${index}`, ...edge }))

/** The same rows as a query that DuckDB writes to a file. */
export function edgesAsSql(): string {
  const literal = (value: unknown, type: string) =>
    value === null ? `NULL::${type}` : `${typeof value === 'string' ? sqlText(value) : `'${value}'`}::${type}`
  const types: Record<string, string> = { flight: 'VARCHAR', cabin: 'VARCHAR', passport: 'VARCHAR', late: 'BOOLEAN' }
  const columns = Object.keys(schema)
  const rows = edges.map((row) => `(${columns.map((name) => literal(row[name], types[name] ?? 'DOUBLE')).join(', ')})`)
  return `SELECT * FROM (VALUES ${rows.join(', ')}) AS edges (${columns.map(sqlName).join(', ')})`
}
