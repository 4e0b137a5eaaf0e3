import { expect, test } from 'vitest'
import { temporaryRegistry } from '../registry.fixture.ts'
import { findNode } from './lineage-store.ts'
import { takeOpenLineage } from './take-open-lineage.ts'
import { walkLineage } from './walk-lineage.ts'

const event = {
  eventType: 'COMPLETE',
  eventTime: '2026-01-02T03:04:05Z',
  producer: 'https://example.com',
  schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
  run: { runId: '01941f29-7c00-7000-8000-000000000000' },
  job: { namespace: 'airflow', name: 'load_orders', facets: { any: { thing: 1 } } },
  inputs: [{ namespace: 'postgres://db:5432', name: 'shop.public.orders' }],
  outputs: [{ namespace: 'trueline', name: 'streams/orders', facets: {} }],
}

test('a job of others leads from what it read to our stream, and telling it again changes nothing', async () => {
  await using registry = await temporaryRegistry()
  await takeOpenLineage(registry.metadata, event)
  await takeOpenLineage(registry.metadata, { ...event, eventType: 'START', outputs: [] })
  const stream = await findNode(registry.metadata.database, 'stream', 'orders')
  const { nodes, edges } = await walkLineage(registry.metadata.database, [stream!], 'up', 10)
  expect([...nodes.values()]).toMatchObject([
    { kind: 'stream', name: 'orders' },
    { kind: 'external_job', name: 'airflow load_orders', at: Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 },
    { kind: 'external_dataset', name: 'postgres://db:5432 shop.public.orders' },
  ])
  expect(edges).toHaveLength(2)
})

test('an event about a dataset alone is taken', async () => {
  await using registry = await temporaryRegistry()
  const { eventTime } = event
  await takeOpenLineage(registry.metadata, { eventTime, dataset: { namespace: 'file', name: '/a.csv' } })
  expect(await findNode(registry.metadata.database, 'external_dataset', 'file /a.csv')).toBeDefined()
})

test('the time of an event is read as clients of any language write it', async () => {
  await using registry = await temporaryRegistry()
  for (const [name, eventTime, expected] of [
    ['java', '2026-01-02T03:04:05.123456789Z', 123_456],
    ['zoned', '2026-01-02T04:04:05.123456+01:00[Europe/Berlin]', 123_456],
    ['utc', '2026-01-02T03:04:05.5Z[Etc/GMT+0]', 500_000],
  ] as const) {
    await takeOpenLineage(registry.metadata, { ...event, eventTime, job: { namespace: 'a', name } })
    const job = await findNode(registry.metadata.database, 'external_job', `a ${name}`)
    const { nodes } = await walkLineage(registry.metadata.database, [job!], 'up', 0)
    const at = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + expected
    expect([...nodes.values()]).toContainEqual(expect.objectContaining({ name: `a ${name}`, at }))
  }
})

test.each([
  ['nothing', null],
  ['no job', { ...event, job: undefined }],
  ['a job without a name', { ...event, job: { namespace: 'a' } }],
  ['no time', { ...event, eventTime: 'yesterday' }],
  ['too many datasets', { ...event, inputs: Array.from({ length: 1001 }, () => event.inputs[0]) }],
])('an event with %s is refused, and nothing of it is taken', async (_, wrong) => {
  await using registry = await temporaryRegistry()
  await expect(takeOpenLineage(registry.metadata, wrong)).rejects.toMatchObject({ code: 'invalid_request' })
  const { count } = await registry.metadata.database
    .selectFrom('lineage_nodes')
    .select((node) => node.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  expect(count).toBe(0)
})
