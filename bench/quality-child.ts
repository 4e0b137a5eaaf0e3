// One side of the quality benchmark: quality-child.ts profile|summarize|rows FILE ROWS. Prints its seconds and peak memory.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Value } from '../src/core/data-type.ts'
import { createEventReader } from '../src/data/features/event-reader.ts'
import { startQuality } from '../src/data/quality/quality-run.ts'
import { stream } from '../src/index.ts'
import { type Duckdb, openDuckdb } from '../src/stores/lake/duckdb.ts'
import { scanAlone } from '../src/stores/lake/scan-columns.ts'
import { ownUsage } from './child.ts'
import { critical, gate, schema, tableOf } from './quality-table.ts'

const NOW = 978_307_200_000_000

/** Judges the table by its gate and profiles every column. */
async function profile(_duckdb: Duckdb, table: string): Promise<object> {
  const run = startQuality(gate, { schema, now: NOW, references: new Map() }, { profile: true })
  for await (const batch of scanAlone(folder, table, schema)) run.take(batch)
  const { verdict, rows, results, profile = [] } = run.finish()
  return { verdict, rows, checks: results.length, columns: profile.length }
}

async function summarize(duckdb: Duckdb, table: string): Promise<object> {
  return await duckdb.withConnection(async (connection) => {
    const reader = await connection.runAndReadAll(`SUMMARIZE SELECT * FROM ${table}`)
    return { columns: reader.currentRowCount }
  })
}

/** Reads rows as they come from outside, with and without critical checks. */
async function readRows(duckdb: Duckdb, table: string): Promise<object> {
  const rows = await duckdb.withConnection(async (connection) => {
    const reader = await connection.runAndReadAll(`SELECT * FROM ${table}`)
    return reader
      .getRowObjectsJS()
      .map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
        ),
      )
  })
  const microseconds = (quality: typeof critical): number => {
    const definition = stream('rows', { key: 'name', time: 'at', schema: schema as never })
    const read = createEventReader({ ...definition, quality, ahead: Number.MAX_SAFE_INTEGER })
    const values: Value[] = []
    let best = Number.POSITIVE_INFINITY
    for (let round = 0; round < 5; round += 1) {
      const start = performance.now()
      for (const row of rows) {
        const fault = read.read(row, NOW, values)
        if (fault !== undefined) throw new Error(fault.reason)
      }
      best = Math.min(best, ((performance.now() - start) * 1000) / rows.length)
    }
    return best
  }
  return { with_schema_us: microseconds(critical), schema_us: microseconds([]), checks: critical.length }
}

const sides = { profile, summarize, rows: readRows }
const [side = '', file = '', rows = ''] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'bench-quality-'))
const duckdb = await openDuckdb({ temporaryFolder: folder, memory: '1500MB' })
const start = performance.now()
const details = await sides[side as keyof typeof sides](duckdb, tableOf(file, Number(rows)))
const seconds = (performance.now() - start) / 1000
duckdb.close()
rmSync(folder, { recursive: true })
console.log(JSON.stringify({ seconds, peak_rss_mb: ownUsage().peak_rss_mb, ...details }))
