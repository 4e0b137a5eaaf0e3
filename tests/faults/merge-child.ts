import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { noEvents } from '../../src/stores/log/event-log.ts'
import { openTrips } from './trips.ts'

// The process that is killed: writes small files of trips, merges them into one, and removes those that were merged before; says
// when the part begins in which it is to be killed, and when it is done, and waits for its end.
const [folder, part] = process.argv.slice(2) as [string, 'start' | 'merge']
flushCompileCache()
if (part === 'start') writeSync(1, 'begins\n')
const { log, lake } = await openTrips(folder)
await lake.removeReplaced(lake.replacedFiles())
while (part === 'merge' && lake.files('trips').filter(({ rows }) => rows < 16).length < 16) {
  const [offset, at] = [log.nextOffset, 1_000_000_000_000_000]
  const ids = [0, 1, 2].map((more) => `T${offset + more}`)
  const rows = ids.map((trip, fare) => JSON.stringify({ at, fare, trip }))
  const columns = { length: 3, ids, keys: ids, partitions: new Uint8Array(3), rows }
  const events = { ...noEvents, ...columns, eventTimes: new Float64Array(3).fill(at) }
  log.append({ stream: 'trips', events, duplicates: 0, rejected: [] })
  await lake.flush()
}
if (part === 'merge') writeSync(1, 'begins\n')
while ((await lake.compact()) !== undefined);
writeSync(1, 'done\n')
await setTimeout(60_000)
