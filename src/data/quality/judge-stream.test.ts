import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { references } from '../../language/define/batch-checks.ts'
import { t } from '../../language/define/column-types.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { stream } from '../../language/define/stream.ts'
import { openLake } from '../../stores/lake/parquet-lake.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { judgeStream } from './judge-stream.ts'

test('a value is one of another stream however long ago its row came', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-references-'))
  const products = stream('products', { key: 'sku', time: 'at', schema: { sku: t.string(), at: t.timestamp() } })
  const orders = stream('orders', {
    ...{ key: 'order', time: 'at' },
    schema: { order: t.string(), sku: t.string(), at: t.timestamp() },
    quality: [references('sku', products, 'sku')],
  })
  const streams = { products, orders }
  const project: ProjectDefinition = {
    ...{ streams, entities: {}, features: {}, requests: {}, derived: {}, tables: {}, models: {} },
  }
  const logPath = join(folder.path, 'log.db')
  const log = await openLog(logPath, { clock: virtualClock(0) })
  const lake = await openLake({ folder: join(folder.path, 'lake'), log, logPath, streams })
  const append = (name: string, row: { readonly [column: string]: string | number }): void => {
    log.append({
      ...{ stream: name, duplicates: 0, rejected: [] },
      events: {
        ...{ length: 1, ids: ['1'], keys: ['1'], partitions: new Uint8Array(1), eventTimes: new Float64Array(1) },
        rows: [JSON.stringify(row)],
      },
    })
  }
  append('products', { sku: 'P1', at: 0 })
  append('orders', { order: '1', sku: 'P1', at: 0 })
  // As it is after twenty million events of other streams.
  const later = new Proxy(log, {
    get: (target, name) => (name === 'nextOffset' ? 20_000_000 : Reflect.get(target, name, target)),
  })
  const report = await judgeStream({ project, lake, log: later }, 'orders', { from: 0, to: 1, rejected: 0, now: 0 })
  expect(report.results[0]).toMatchObject({ verdict: 'pass', n: 1, failing: 0 })
  await lake.close()
  await log.close()
})
