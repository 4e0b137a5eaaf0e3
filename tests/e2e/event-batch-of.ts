import type { Value } from '../../src/core/data-type.ts'
import { createColumns, type EventBatch, setValue } from '../../src/stores/log/event-batch.ts'
import { type Order, orders } from './shop-fixture.ts'

/** One order as the feature state takes it, past the log. */
export function eventBatchOf(stream: 'orders', row: Order, offset: number, knownAt: number): EventBatch {
  const columns = createColumns(orders.schema, 1)
  for (const [index, name] of Object.keys(orders.schema).entries())
    setValue(columns[index]!, 0, row[name as keyof Order] as Value)
  return {
    ...{ stream, length: 1, generation: 0, id: [row.order], columns },
    offset: Float64Array.of(offset),
    partition: Uint8Array.of(0),
    eventTime: Float64Array.of(row.ordered_at),
    knownAt: Float64Array.of(knownAt),
  }
}
