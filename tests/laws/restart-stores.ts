import { join } from 'node:path'
import type { Clock } from '../../src/core/clock.ts'
import { createAppliedEvents } from '../../src/data/features/applied-events.ts'
import type { DefinedGroup } from '../../src/data/features/feature-engine.ts'
import { createIngest } from '../../src/data/features/ingest.ts'
import { loadState, saveState } from '../../src/data/features/saved-state.ts'
import type { EntityDefinition, StreamDefinition } from '../../src/language/define/definitions.ts'
import { recoverState } from '../../src/platform/app/recover-state.ts'
import type { Lake } from '../../src/stores/lake/lake.ts'
import { openLake } from '../../src/stores/lake/parquet-lake.ts'
import type { EventBatch } from '../../src/stores/log/event-batch.ts'
import type { EventLog } from '../../src/stores/log/event-log.ts'
import { openLog } from '../../src/stores/log/sqlite-event-log.ts'
import type { LawCase } from './law-case.ts'

const thing: EntityDefinition = { kind: 'entity', name: 'thing', key: { thing: { type: 'string' } } }

/** A case's group of features, as an engine takes it. */
export function groupOf({ definition, stream }: Pick<LawCase, 'definition' | 'stream'>): DefinedGroup {
  return { digest: 'sha256:', definition, stream, entity: thing }
}

/** Brings the feature state and the memory of ids of a folder to where they stood, as the platform does. */
export async function openState(folder: string, group: DefinedGroup, { log, lake }: { log: EventLog; lake: Lake }) {
  const streams = { [group.stream.name]: group.stream }
  const path = join(folder, 'features.state')
  const loaded = await loadState({ path, groups: [group], streams, log, lake })
  const { engine } = loaded
  const applied = createAppliedEvents(loaded.streams)
  const applyEvents = (batch: EventBatch): void => {
    engine.apply(batch)
    applied.take(batch)
  }
  const ingest = createIngest({ streams, log, readEvents: lake.readEvents, onAccepted: applyEvents })
  const tables = { reads: () => false, apply: () => {} }
  await recoverState({ project: { streams }, log, lake, engine, tables, applyEvents, ingest }, loaded)
  const save = () => saveState(path, { engine, ingest, applied, log, streams })
  return { engine, ingest, applyEvents, save, rebuilt: loaded.rebuilt }
}

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
