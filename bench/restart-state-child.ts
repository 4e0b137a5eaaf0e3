// Makes the data directory that the restart benchmark starts on: restart-state-child.ts FOLDER ENTITIES EVENTS.
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { virtualClock } from '../src/core/clock.ts'
import { DAY } from '../src/core/time.ts'
import { openPlatform } from '../src/platform/app/open-platform.ts'
import { openDuckdb, sqlText } from '../src/stores/lake/duckdb.ts'
import { DAYS, NOW, restartProject } from './restart-project.ts'

/** What the end of the platform took, when it saved its state. */
export interface MadeState {
  /** Bytes of the saved state. */
  readonly file: number
  readonly saveMilliseconds: number
  /** Longest time without a turn for anybody else, milliseconds. */
  readonly longestStall: number
}

const [folder, entities, events] = process.argv.slice(2) as [string, string, string]
const file = join(folder, 'payments.parquet')
const duckdb = await openDuckdb({ temporaryFolder: folder })
// Each card pays at least once; the rest by chance, evenly over the days.
await duckdb.withConnection((connection) =>
  connection.run(
    `COPY (SELECT range AS payment, (CASE WHEN range < ${entities} THEN range ELSE hash(range) % ${entities} END)::BIGINT AS card,
       (hash(range + 1) % 100000) / 100.0 AS amount, hash(range + 2) % 10 = 0 AS abroad,
       make_timestamp((${NOW - DAYS * DAY} + hash(range + 3) % ${DAYS * DAY - 1})::BIGINT) AS paid_at
     FROM range(${events})) TO ${sqlText(file)} (FORMAT parquet)`,
  ),
)
duckdb.close()
const directory = join(folder, 'data')
const platform = await openPlatform({ config: restartProject(), directory, clock: virtualClock(NOW) })
await platform.importHistory('payments', file)
rmSync(file)
// A timer that is due all the time tells how long nobody else had a turn.
let longestStall = 0
let last = performance.now()
const pulse = setInterval(() => {
  const now = performance.now()
  longestStall = Math.max(longestStall, now - last)
  last = now
}, 1)
const started = performance.now()
await platform.close()
const saveMilliseconds = performance.now() - started
clearInterval(pulse)
const made: MadeState = { file: statSync(join(directory, 'features.state')).size, saveMilliseconds, longestStall }
console.log(JSON.stringify(made))
