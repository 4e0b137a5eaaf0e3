// Reads its source once, in a process that a test ends at any moment.
import process from 'node:process'
import { systemClock } from '../../src/core/clock.ts'
import { jsonLines, source, sqlite } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
import type { IngestedRows } from '../../src/stores/log/event-log.ts'
import { orders } from './fixture.ts'

const [folder, kind] = process.argv.slice(2)
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
const { log } = platform.parts
const { append } = log
// Says how far it is: a mark for each page that is on its way to the disk.
Object.assign(log, {
  append(rows: IngestedRows) {
    process.stdout.write('.')
    return append.call(log, rows)
  },
})
const run = await platform.runSource(definition.name)
process.stdout.write(`\n${JSON.stringify(run)}\n`)
await platform.close()
