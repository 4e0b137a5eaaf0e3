import type { Value } from '../../core/data-type.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { createColumns, type EventBatch, type Revisions, setValue } from '../log/event-batch.ts'
import type { TailEvent } from '../log/event-log.ts'

/** Events of the log's tail as batches of one generation each. */
export function* tailBatches(stream: StreamDefinition, events: readonly TailEvent[]): Generator<EventBatch> {
  let start = 0
  for (let end = 1; end <= events.length; end += 1) {
    if (end < events.length && events[end]!.generation === events[start]!.generation) continue
    yield tailBatch(stream, events.slice(start, end))
    start = end
  }
}

function tailBatch({ name, schema }: StreamDefinition, events: readonly TailEvent[]): EventBatch {
  const names = Object.keys(schema)
  const columns = createColumns(schema, events.length)
  for (const [index, { row }] of events.entries()) {
    const values = JSON.parse(row) as Record<string, Value>
    for (const [column, columnName] of names.entries()) setValue(columns[column]!, index, values[columnName] ?? null)
  }
  return {
    stream: name,
    length: events.length,
    generation: events[0]!.generation,
    offset: Float64Array.from(events, ({ offset }) => offset),
    partition: Uint8Array.from(events, ({ partition }) => partition),
    id: events.map(({ id }) => id),
    eventTime: Float64Array.from(events, ({ eventTime }) => eventTime),
    knownAt: Float64Array.from(events, ({ knownAt }) => knownAt),
    columns,
    ...(events.some(({ revision }) => revision > 0) ? { revisions: revisionsOf(events) } : {}),
  }
}

function revisionsOf(events: readonly TailEvent[]): Revisions {
  return {
    revision: Float64Array.from(events, ({ revision }) => revision),
    tombstone: Uint8Array.from(events, ({ tombstone }) => tombstone),
  }
}
