import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type VirtualClock, virtualClock } from '../../src/core/clock.ts'
import { parseTime } from '../../src/core/time.ts'
import { stream, t } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { SourceDefinition } from '../../src/language/define/source-definition.ts'
import { type OwnedPlatform, openPlatform } from '../../src/platform/app/open-platform.ts'

export const NOW = parseTime('2026-03-01T12:00:00Z')

export const orders = stream('orders', {
  key: 'order',
  id: 'order',
  time: 'at',
  corrections: { within: '30d' },
  schema: {
    order: t.string(),
    amount: t.number({ nullable: true }),
    note: t.string({ nullable: true }),
    at: t.timestamp(),
  },
})

/** A platform with one source, in a folder of its own that the source's files are below. */
export interface SourceBench {
  readonly folder: string
  readonly clock: VirtualClock
  platform: OwnedPlatform
  /** Opens the data directory again, with another definition if one is given. */
  reopen(definition?: SourceDefinition): Promise<void>
  /** What became of all rows of the stream so far. */
  counts(): { received: number; accepted: number; duplicates: number; rejected: number }
  /** The rows of the stream as they count now: a deleted one is left out. */
  rows(): Promise<Map<string, Record<string, unknown>>>
  [Symbol.asyncDispose](): Promise<void>
}

export async function openBench(definition: SourceDefinition): Promise<SourceBench> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-source-'))
  const clock = virtualClock(NOW)
  let current = definition
  const open = () =>
    openPlatform({
      config: collectProject([orders, current]),
      directory: join(folder.path, 'data'),
      folder: folder.path,
      clock,
      apply: true,
    })
  const bench: SourceBench = {
    folder: folder.path,
    clock,
    platform: await open(),
    async reopen(next) {
      await bench.platform.close()
      current = next ?? current
      bench.platform = await open()
    },
    counts: () => bench.platform.parts.log.conservation('orders'),
    async rows() {
      const names = Object.keys(orders.schema)
      const highest = new Map<string, { revision: number; row: Record<string, unknown> | undefined }>()
      for await (const batch of bench.platform.parts.lake.scanEvents('orders'))
        for (let index = 0; index < batch.length; index += 1) {
          const id = batch.id[index]!
          const revision = batch.revisions?.revision[index] ?? 0
          if ((highest.get(id)?.revision ?? -1) >= revision) continue
          const isDeleted = batch.revisions?.tombstone[index] === 1
          const row = Object.fromEntries(names.map((name, column) => [name, batch.columns[column]![index]]))
          highest.set(id, { revision, row: isDeleted ? undefined : row })
        }
      return new Map([...highest].flatMap(([id, { row }]) => (row === undefined ? [] : [[id, row]])))
    },
    async [Symbol.asyncDispose]() {
      await bench.platform.close()
      await folder[Symbol.asyncDispose]()
    },
  }
  return bench
}
