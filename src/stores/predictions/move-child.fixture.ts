import { writeSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { virtualClock } from '../../core/clock.ts'
import { openLog } from '../log/sqlite-event-log.ts'
import { openPredictions } from './open-predictions.ts'

// Logs some predictions, says how many there are by now, and moves them: until somebody kills it.
const START = Date.UTC(2026, 2, 1) * 1000
const [folder, before] = process.argv.slice(2) as [string, string]
const logPath = join(folder, 'log.db')
const log = await openLog(logPath, { clock: virtualClock(START) })
const lake = { folder: join(folder, 'lake'), temporaryFolder: join(folder, 'lake', 'tmp') }
const predictions = await openPredictions({ log, logPath, lake, moveRows: 500, secret: new Uint8Array(32) })
const layout = { model: 'm', version: 1, digest: 'd', features: ['a'], groups: [] }
for (let block = 0; block < 20; block += 1) {
  const filled = log.createPredictionBlock(layout)
  for (let index = 0; index < 100; index += 1)
    filled.add({
      ...{ t: START + index, servedAt: START + index, mode: 'http', row: `{"a":${index}}`, score: 0, latency: 0 },
      ...{ values: Float64Array.of(index), statuses: Uint8Array.of(3), generations: [], partitions: [], offsets: [] },
    })
  log.appendPredictions(filled)
}
await log.drained()
writeSync(1, `logged ${Number(before) + 2000}\nmoving\n`)
await predictions.move()
// The one who started it decides when it ends.
setInterval(() => undefined, 1000)
