import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { virtualClock } from '../../src/core/clock.ts'
import { type Random, seededRandom } from '../../src/core/random.ts'
import { DAY, MINUTE } from '../../src/core/time.ts'
import type { StreamDefinition } from '../../src/language/define/definitions.ts'
import { openLake } from '../../src/stores/lake/parquet-lake.ts'
import { openLog } from '../../src/stores/log/sqlite-event-log.ts'

const NOW = 1_000_000_000_000_000

export const trips: StreamDefinition = {
  kind: 'stream',
  name: 'trips',
  schema: { trip: { type: 'string' }, fare: { type: 'int', min: 0 }, at: { type: 'timestamp' } },
  key: ['trip'],
  id: ['trip'],
  time: 'at',
  knownAt: { lag: MINUTE },
  ahead: MINUTE,
  corrections: { within: 7 * DAY },
}

/** Log and lake of a folder, at a moment that is always the same. */
export async function openTrips(folder: string) {
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock: virtualClock(NOW) })
  const lake = await openLake({ folder: join(folder, 'lake'), log, logPath, streams: { trips } })
  return {
    log,
    lake,
    async close() {
      await lake.close()
      await log.close()
    },
  }
}

export function tripsFile(folder: string, number: number): string {
  return join(folder, `trips-${number}.csv`)
}

const ROWS = 3000

/**
 * Writes files of history that have to do with each other: new trips, corrections and deletions of trips of any file,
 * repeated rows, rows that contradict others, and bad ones.
 */
export async function writeTrips(folder: string, files: number): Promise<void> {
  for (let number = 0; number < files; number += 1) {
    const random = seededRandom(number)
    const lines = Array.from({ length: ROWS }, (_, row) => lineOf(random, number * ROWS + row))
    await writeFile(tripsFile(folder, number), `trip,fare,at,_revision,_tombstone\n${lines.join('\n')}\n`)
  }
}

function lineOf(random: Random, number: number): string {
  const kind = random.integer(20)
  const trip = kind < 12 ? number : random.integer(number + 1)
  const at = NOW - DAY - (trip % 1000) * MINUTE
  if (kind === 19) return `T${trip},-1,${at},,`
  if (kind >= 16) return `T${trip},${trip % 100},${at},,`
  if (kind === 15) return `T${trip},,${at},${1 + random.integer(3)},true`
  if (kind >= 12) return `T${trip},${random.integer(5)},${at},${random.integer(4)},`
  return `T${trip},${trip % 100},${at},0,false`
}
