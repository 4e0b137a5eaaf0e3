import { writeFileSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { virtualClock } from '../../src/core/clock.ts'
import { importFile } from '../../src/data/sources/import-file.ts'
import type { EventBatch } from '../../src/stores/log/event-batch.ts'
import { type RestartStep, restartCase, rowOf } from './restart-case.ts'
import { groupOf, openState, openStores } from './restart-stores.ts'

// The process that is killed: takes a case's steps from the one given, and writes the number of each when it is durable.
const [folder, seed, first] = process.argv.slice(2) as [string, string, string]
const { lawCase, stream, steps } = restartCase(Number(seed))
const clock = virtualClock(steps[0]!.at)
const { log, lake, close } = await openStores(folder, clock, stream)
const group = groupOf({ definition: lawCase.definition, stream })
const { ingest, applyEvents, save, rebuilt } = await openState(folder, group, { log, lake })
if (rebuilt !== undefined) throw new Error(rebuilt)
// One that is killed keeps nothing at its end for those after it.
flushCompileCache()
/** Goes on beside the steps that follow, as the platform saves while it takes and serves. */
let saving: Promise<unknown> = Promise.resolve()
for (let index = Number(first); index < steps.length; index += 1) {
  const step = steps[index]!
  clock.advanceTo(step.at)
  await take(step, index)
  writeSync(1, `${index}\n`)
}
await saving
await close()

function onImported(batch: EventBatch): void {
  applyEvents(batch)
  ingest.remember(batch)
}

async function take(step: RestartStep, index: number): Promise<void> {
  switch (step.kind) {
    case 'ingest':
      await ingest.ingest(stream.name, step.events.map(rowOf))
      return
    case 'import': {
      const path = join(folder, `history-${index}.csv`)
      writeFileSync(path, csvOf(step.events.map(rowOf)))
      await importFile({ stream, path, log, lake, onImported })
      return
    }
    case 'flush':
      await lake.flush()
      return
    case 'save':
      await saving
      saving = save()
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
