import { writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { DAY, parseTime } from '../../core/time.ts'
import { t } from '../../language/define/column-types.ts'
import { between, holds, inSet, matches, notNull } from '../../language/define/row-checks.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { openLake } from '../../stores/lake/parquet-lake.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { createIngest } from '../features/ingest.ts'
import { importFile } from './import-file.ts'

const NOW = parseTime('2001-02-01T00:00:00Z')
const schema = {
  flight: t.string(),
  delay: t.int({ nullable: true }),
  fare: t.decimal({ scale: 2, nullable: true }),
  late: t.bool({ nullable: true }),
  at: t.timestamp(),
}
const quality = [
  notNull('delay').critical(),
  between('fare', 1, 500.5).critical(),
  inSet('late', [true]).critical(),
  matches('flight', '^[A-Z]{2}\\d+$').critical(),
  holds(col('flight').ne('XX0').or(col('delay').gt(0))).critical(),
]
const flights = stream('flights', { key: 'flight', time: 'at', schema, quality })
const imported = stream('imported', { key: 'flight', time: 'at', schema, quality })

const whole = { flight: 'AA1', delay: 5, fare: 12.3, late: true, at: NOW - DAY }
const edges = [
  {},
  { delay: null },
  { fare: null, late: null },
  { fare: 500.5 },
  { fare: 500.51 },
  { fare: 0.99 },
  { late: false },
  { flight: 'AA' },
  { flight: 'XX0', delay: 0 },
  { flight: 'XX0', delay: 1 },
]

test('a critical check refuses the same rows, for the same reasons, from outside and from a file', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-critical-'))
  const logPath = join(folder.path, 'log.db')
  const log = await openLog(logPath, { clock: virtualClock(NOW) })
  const streams = { flights, imported }
  const lake = await openLake({ folder: join(folder.path, 'lake'), log, logPath, streams })
  const ingest = createIngest({ streams, log, readEvents: lake.readEvents, onAccepted: () => {} })
  const rows = edges.map((edge, index) => ({ ...whole, at: NOW - DAY + index, ...edge }))

  const { rejected } = await ingest.ingest('flights', rows)
  expect(rejected.map(({ index, code }) => [index, code])).toEqual(
    [1, 4, 5, 6, 7, 8].map((index) => [index, 'check_failed']),
  )

  const path = join(folder.path, 'flights.csv')
  const lines = rows.map((row) => [row.flight, row.delay ?? '', row.fare ?? '', row.late ?? '', row.at].join(','))
  writeFileSync(path, `flight,delay,fare,late,at\n${lines.join('\n')}\n`)
  expect(await importFile({ stream: imported, path, log, lake, onImported: () => {} })).toMatchObject({
    received: 10,
    accepted: 4,
    rejected: 6,
  })

  const reasons = (name: string) =>
    log.deadLetters({ stream: name, limit: 100 }).rows.map(({ code, reason, path }) => [code, reason, path])
  await log.drained()
  // What a file brings is refused by its line besides.
  const withoutLines = reasons('imported').map(([code, reason, path]) => [
    code,
    reason?.replace(/^Line \d+: /, ''),
    path,
  ])
  expect(withoutLines).toEqual(reasons('flights'))
  expect(reasons('flights')[0]![1]).toBe(
    "Check 'flight != \"XX0\" or delay > 0': the row's 'flight' breaches flight != \"XX0\" or delay > 0.",
  )
  await lake.close()
  await log.close()
})
