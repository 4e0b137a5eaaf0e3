import { writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { virtualClock } from '../../src/core/clock.ts'
import { createIngest } from '../../src/data/features/ingest.ts'
import { importFile } from '../../src/data/sources/import-file.ts'
import { type RestartStep, restartCase, rowOf } from './restart-case.ts'
import { openStores } from './restart-stores.ts'

// The process that is killed: takes a case's steps from the one given, and writes the number of each when it is durable.
const [folder, seed, first] = process.argv.slice(2) as [string, string, string]
const { stream, steps } = restartCase(Number(seed))
const clock = virtualClock(steps[0]!.at)
const { log, lake, close } = await openStores(folder, clock, stream)
const streams = { [stream.name]: stream }
const ingest = createIngest({ streams, log, readEvents: lake.readEvents, onAccepted: () => {} })
for await (const batch of lake.scanEvents(stream.name)) ingest.remember(batch)
for (let index = Number(first); index < steps.length; index += 1) {
  const step = steps[index]!
  clock.advanceTo(step.at)
  await take(step, index)
  writeSync(1, `${index}\n`)
}
await close()

async function take(step: RestartStep, index: number): Promise<void> {
  switch (step.kind) {
    case 'ingest':
      await ingest.ingest(stream.name, step.events.map(rowOf))
      return
    case 'import': {
      const path = join(folder, `history-${index}.csv`)
      writeFileSync(path, csvOf(step.events.map(rowOf)))
      await importFile({ stream, path, log, lake, onImported: (batch) => ingest.remember(batch) })
      return
    }
    case 'flush':
      await lake.flush()
      return
    case 'predict': {
      const block = log.createPredictionBlock({ model: 'm', version: 1, digest: 'd', features: [], groups: ['g'] })
      block.add({
        t: step.at,
        servedAt: step.at,
        mode: 'http',
        row: '{}',
        values: new Float64Array(0),
        statuses: new Uint8Array(0),
        generations: [log.generation],
        partitions: [0],
        offsets: [log.nextOffset - 1],
        score: index,
        latency: 0,
      })
      await log.durable(log.appendPredictions(block))
    }
  }
}

function csvOf(rows: readonly Record<string, unknown>[]): string {
  const names = [...Object.keys(stream.schema), '_revision', '_tombstone']
  const field = (value: unknown) =>
    (value ?? null) === null ? '' : typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value)
  return [names.join(','), ...rows.map((row) => names.map((name) => field(row[name])).join(',')), ''].join('\n')
}
