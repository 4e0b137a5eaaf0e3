import { join } from 'node:path'
import type { Clock } from '../../src/core/clock.ts'
import type { StreamDefinition } from '../../src/language/define/definitions.ts'
import { openLake } from '../../src/stores/lake/parquet-lake.ts'
import { openLog } from '../../src/stores/log/sqlite-event-log.ts'

/** Opens the log and the lake in a folder, as the platform does. */
export async function openStores(folder: string, clock: Clock, stream: StreamDefinition) {
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock })
  const lake = await openLake({ folder: join(folder, 'lake'), log, logPath, streams: { [stream.name]: stream } })
  return {
    log,
    lake,
    async close() {
      await lake.close()
      await log.close()
    },
  }
}
