import { expect, test } from 'vitest'
import { mistakesIn } from './check-project.ts'
import { decodeProject, encodeProject } from './codec.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { source } from './source.ts'
import { csv, env, httpPages, parquet, postgres, sqlite } from './source-locations.ts'
import { stream } from './stream.ts'

const orders = stream('orders', {
  key: 'order',
  time: 'at',
  schema: { order: t.string(), amount: t.number(), at: t.timestamp() },
})

/** Places and codes of the mistakes of a project. */
function places(...definitions: unknown[]): string[] {
  return mistakesIn(collectProject(definitions)).map(({ code, path }) => `${path}: ${code}`)
}

test('a source brings its stream into the project, with its defaults written out, and comes back from its text', () => {
  const files = source('files', {
    into: orders,
    from: csv('data/*.csv'),
    columns: { order: 'id' },
    schedule: '* * * * *',
  })
  const table = source('table', {
    into: orders,
    from: postgres({ url: env('ORDERS_DATABASE'), table: 'sales.orders' }),
    incremental: { by: 'changed_at', overlap: '5m' },
    rate: { rows: 1000, per: '1s' },
    volume: { per: '1d', atLeast: 10 },
  })
  const project = collectProject([files, table])
  expect(mistakesIn(project)).toEqual([])
  expect(Object.keys(project.streams)).toEqual(['orders'])
  expect(table).toMatchObject({
    incremental: { by: 'changed_at', overlap: 300e6, rows: 'changed' },
    retry: { first: 1e6, longest: 300e6 },
    breaker: { failures: 5, pause: 600e6 },
    onSchemaChange: 'accept',
    timeout: 30e6,
  })
  expect(decodeProject(encodeProject(project))).toEqual(JSON.parse(JSON.stringify(project)))
})

test('what cannot be is refused with its place', () => {
  const from = parquet('data/*.parquet')
  expect(places(source('a b', { into: orders, from }))).toEqual(["source 'a b': definition_invalid"])
  expect(places(source('s', { into: orders, from, zone: 'Europe/Berlinn' }))).toEqual([
    "source 's', zone: unknown_zone",
  ])
  // @ts-expect-error the stream has no such column
  const misspelt = source('s', { into: orders, from, columns: { ammount: 'value' } })
  expect(places(misspelt)).toEqual(["source 's', columns: unknown_column"])
  expect(places(source('s', { into: orders, from, schedule: 'hourly' }))).toEqual([
    "source 's', schedule: definition_invalid",
  ])
  expect(places(source('s', { into: orders, from, incremental: { by: 'at' } }))).toEqual([
    "source 's', incremental: definition_invalid",
  ])
  const snapshot = { deletions: { by: 'snapshot', atMost: 2 }, volume: { per: '1d' } } as const
  expect(places(source('s', { into: orders, from: sqlite('a.db', { table: 't' }), ...snapshot }))).toEqual([
    "source 's', volume: definition_invalid",
    "source 's', deletions.atMost: definition_invalid",
  ])
})

test('deletions go with a watermark where the ids can be listed', () => {
  const table = sqlite('a.db', { table: 't' })
  const incremental = { by: 'changed_at' }
  const of = (options: Partial<Omit<Parameters<typeof source>[1], 'into' | 'columns'>>) =>
    places(source('s', { into: orders, from: table, ...options }))
  const swept = source('s', { into: orders, from: table, incremental, deletions: { by: 'snapshot', every: '1d' } })
  expect(places(swept)).toEqual([])
  expect(swept.deletions).toEqual({ by: 'snapshot', atMost: 0.5, every: 86_400e6 })
  const refused = ["source 's', deletions: definition_invalid"]
  expect(of({ incremental: { ...incremental, rows: 'appended' }, deletions: 'snapshot' })).toEqual(refused)
  const pages = httpPages({ url: 'https://shop.example.com/orders', since: 'after' })
  expect(of({ from: pages, incremental, deletions: 'snapshot' })).toEqual(refused)
  expect(of({ deletions: { by: 'snapshot', every: '1d' } })).toEqual([
    "source 's', deletions.every: definition_invalid",
  ])
})

test('deletions are not told by pages that shift while they are read', () => {
  const url = 'https://shop.example.com/orders'
  const of = (next: { offset: string } | { link: string }) =>
    places(source('s', { into: orders, from: httpPages({ url, next }), deletions: 'snapshot' }))
  expect(of({ offset: 'skip' })).toEqual(["source 's', deletions: definition_invalid"])
  expect(of({ link: 'next' })).toEqual([])
})

test('a secret that would be stored with the definitions is refused', () => {
  const url = 'postgres://reader:hunter2@db.example.com/shop'
  expect(places(source('s', { into: orders, from: postgres({ url, table: 'orders' }) }))).toEqual([
    "source 's', from.url: definition_invalid",
  ])
  const pages = { url: 'https://shop.example.com/orders', headers: { authorization: 'Bearer 1234' } }
  expect(places(source('s', { into: orders, from: httpPages(pages) }))).toEqual([
    "source 's', from.headers.authorization: definition_invalid",
  ])
  expect(
    places(source('s', { into: orders, from: httpPages({ ...pages, headers: { authorization: env('TOKEN') } }) })),
  ).toEqual([])
})
