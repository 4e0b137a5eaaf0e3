import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { t } from '../../language/define/column-types.ts'
import { source } from '../../language/define/source.ts'
import { httpPages } from '../../language/define/source-locations.ts'
import { stream } from '../../language/define/stream.ts'
import { httpReader } from './http-reader.ts'
import type { SourcePage } from './source-page.ts'

let next: unknown
const server = createServer((_, response) => response.end(JSON.stringify({ rows: [{ id: '1' }], next })))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`
afterAll(() => server.close())

const into = stream('rows', { key: 'id', time: 'at', schema: { id: t.string(), at: t.timestamp() } })

/** The first page of a listing that says what comes next. */
async function firstPage(said: unknown, how: { link: string } | { cursor: string; parameter: string }) {
  next = said
  const definition = source('rows', { into, from: httpPages({ url, rows: 'rows', next: how }) })
  if (definition.from.kind !== 'httpPages') throw new Error('another kind of source')
  const context = { folder: '.', temporaryFolder: '.', now: () => 0, environment: {} }
  const reader = httpReader(definition.from, definition, context)
  for await (const page of reader.pages(new Map(), AbortSignal.timeout(30_000))) return page as SourcePage
  return undefined
}

const link = { link: 'next' }
const cursor = { cursor: 'next', parameter: 'after' }

test.each([[undefined], [null], [''], [false]])('a listing ends where its next page is %j', async (said) => {
  expect((await firstPage(said, link))?.isLast).toBe(true)
  expect((await firstPage(said, cursor))?.isLast).toBe(true)
})

test.each([
  [7, link],
  [{ href: '/rows?page=2' }, link],
  ['http://[', link],
  [{ after: '2' }, cursor],
])('what leads to no page is refused, and not taken for the end: %j', async (said, how) => {
  await expect(firstPage(said, how)).rejects.toMatchObject({ code: 'source_refused' })
})
