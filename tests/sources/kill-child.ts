// Reads its source again and again until nothing new comes, in a process that a test ends at any moment.
import process from 'node:process'
import { systemClock } from '../../src/core/clock.ts'
import { jsonLines, source, sqlite } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
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
process.stdout.write('open\n')
const run = await platform.runSource(definition.name)
process.stdout.write(`${JSON.stringify(run)}\n`)
await platform.close()
