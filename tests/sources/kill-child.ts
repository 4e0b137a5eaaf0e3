// Reads its source once, in a process that ends itself, as kill -9 does, at the moment that it is told.
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { systemClock } from '../../src/core/clock.ts'
import { jsonLines, source, sqlite } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
import type { StagedImport } from '../../src/stores/lake/import-staging.ts'
import type { IngestedRows } from '../../src/stores/log/event-log.ts'
import { orders } from './fixture.ts'

const [folder, kind, dieAt] = process.argv.slice(2)
const columns = { at: 'created' } as const
const definitions = {
  files: source('files', { into: orders, from: jsonLines('in/*.jsonl') }),
  table: source('table', {
    into: orders,
    from: sqlite('shop.db', { table: 'orders' }),
    columns,
    incremental: { by: 'updated' },
  }),
  snapshot: source('snapshot', {
    into: orders,
    from: sqlite('shop.db', { table: 'orders' }),
    columns,
    deletions: { by: 'snapshot', atMost: 1 },
  }),
  sweep: source('sweep', {
    into: orders,
    from: sqlite('shop.db', { table: 'orders' }),
    columns,
    incremental: { by: 'updated' },
    deletions: { by: 'snapshot', atMost: 1 },
  }),
}
const definition = definitions[kind as keyof typeof definitions]
const config = collectProject([orders, definition])
const platform = await openPlatform({
  config,
  directory: `${folder}/data`,
  folder: folder!,
  clock: systemClock(),
  apply: true,
})
// One that is killed keeps nothing at its end for those after it.
flushCompileCache()
const { log, lake } = platform.parts
const [append, durable, importRows] = [log.append, log.durable, lake.importRows]
let moments = 0

/** A moment at which the process may be ended: what it does is on its way to the disk, or just there. */
function pass(): void {
  moments += 1
  if (moments === Number(dieAt)) process.kill(process.pid, 'SIGKILL')
}

Object.assign(log, {
  append(rows: IngestedRows) {
    const appended = append.call(log, rows)
    pass()
    return appended
  },
  async durable(ticket: number) {
    await durable.call(log, ticket)
    pass()
  },
})
Object.assign(lake, {
  async importRows(staged: StagedImport) {
    pass()
    const imported = await importRows.call(lake, staged)
    pass()
    return imported
  },
})
const run = await platform.runSource(definition.name)
process.stdout.write(JSON.stringify(run))
await platform.close()
