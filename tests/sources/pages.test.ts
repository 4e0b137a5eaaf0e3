import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { env, httpPages, source } from '../../src/index.ts'
import { openBench, orders, type SourceBench } from './fixture.ts'

type Answer = (url: URL, response: ServerResponse, request: IncomingMessage) => void

/** A peer on a port of its own, whose answers may be changed while it runs. */
async function openPeer(answer: Answer) {
  const asked: string[] = []
  const peer = { answer, asked, url: '' }
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://127.0.0.1')
    asked.push(`${url.pathname}${url.search}`)
    peer.answer(url, response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  peer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(peer, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}

const all = Array.from({ length: 10 }, (_, index) => ({
  order: `o${index}`,
  amount: index,
  at: '2026-03-01T10:00:00Z',
  changed: `2026-03-01T10:00:0${index}Z`,
}))

/** Pages of three rows with a link to the next. */
const linked: Answer = (url, response) => {
  const from = Number(url.searchParams.get('from') ?? 0)
  const next = from + 3 < all.length ? `/orders?from=${from + 3}` : null
  response.end(JSON.stringify({ data: { items: all.slice(from, from + 3) }, next }))
}

const byLink = { rows: 'data.items', next: { link: 'next' } } as const

/** Moves the clock to the next attempt and takes it. */
async function goOn(bench: SourceBench): Promise<void> {
  const [listing] = await bench.platform.sources()
  bench.clock.advanceTo(listing!.due!)
  await bench.platform.tick()
}

test('an outage in the middle of the pages loses nothing and counts nothing twice', async () => {
  await using peer = await openPeer(linked)
  const pages = source('pages', { into: orders, from: httpPages({ url: `${peer.url}/orders`, ...byLink }) })
  await using bench = await openBench(pages)
  // What a first run takes as history is one import; the others come page by page.
  await bench.platform.runSource('pages')
  expect(bench.counts()).toMatchObject({ received: 10, accepted: 10 })
  for (const row of all) row.order = `p${row.order}`
  peer.answer = (url, response) => {
    if (url.searchParams.get('from') === '6') response.destroy()
    else linked(url, response, undefined as never)
  }
  const broken = await bench.platform.runSource('pages')
  expect(broken).toMatchObject({ status: 'running', accepted: 6, error: { code: 'source_unavailable' } })
  const asked = peer.asked.length
  // Cut off in the middle of a page: the page is not taken.
  peer.answer = (_, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"data":{"items":[{"order":"half"')
    setTimeout(() => response.destroy(), 20)
  }
  await goOn(bench)
  peer.answer = (_, response) => response.end('{"data":{"items":[{"order":"half"')
  await goOn(bench)
  expect((await bench.platform.sources())[0]).toMatchObject({ failures: 3, breaker: 'closed', run: { accepted: 6 } })
  peer.answer = linked
  await goOn(bench)
  expect(peer.asked.slice(asked)).toEqual(Array(3).fill('/orders?from=6').concat('/orders?from=9'))
  expect((await bench.platform.sourceRuns('pages', 1))[0]).toMatchObject({
    status: 'succeeded',
    turns: 4,
    accepted: 10,
  })
  expect(bench.counts()).toMatchObject({ received: 20, accepted: 20, duplicates: 0, rejected: 0 })
  for (const row of all) row.order = row.order.slice(1)
})

test('a peer that asks for patience gets it, and one that fails on is left alone', async () => {
  await using peer = await openPeer((_, response) => response.writeHead(429, { 'retry-after': '90' }).end())
  const pages = source('pages', {
    into: orders,
    from: httpPages({ url: `${peer.url}/orders`, ...byLink }),
    breaker: { failures: 3, pause: '20m' },
    schedule: '* * * * *',
  })
  await using bench = await openBench(pages)
  const start = bench.clock.now()
  await bench.platform.runSource('pages')
  expect((await bench.platform.sources())[0]!.due).toBe(start + 90 * SECOND)
  // A restart is no reason to be impatient.
  await bench.reopen()
  expect((await bench.platform.alerts({ open: true })).total).toBe(0)
  bench.clock.advanceTo(start + 89 * SECOND)
  await bench.platform.tick()
  expect(peer.asked).toHaveLength(1)
  peer.answer = (_, response) => response.writeHead(503).end('down')
  await goOn(bench)
  await goOn(bench)
  expect(peer.asked).toHaveLength(3)
  const [listing] = await bench.platform.sources()
  expect(listing).toMatchObject({ breaker: 'open', failures: 3, run: { status: 'failed' } })
  expect(await bench.platform.metrics()).toContain('trueline_source_failures{source="pages"} 3')
  expect(listing!.due).toBe(bench.clock.now() + 20 * MINUTE)
  expect((await bench.platform.alerts({ open: true })).alerts).toMatchObject([{ kind: 'source_failing' }])
  bench.clock.advanceTo(listing!.due! - 1)
  await bench.platform.tick()
  expect(peer.asked).toHaveLength(3)
  // One attempt decides.
  await goOn(bench)
  expect(peer.asked).toHaveLength(4)
  expect((await bench.platform.sources())[0]).toMatchObject({ breaker: 'open', failures: 4 })
  peer.answer = linked
  await goOn(bench)
  expect((await bench.platform.sources())[0]).toMatchObject({ breaker: 'closed', failures: 0 })
  expect((await bench.platform.alerts({ open: true })).total).toBe(0)
  expect(bench.counts()).toMatchObject({ received: 10, accepted: 10 })
})

test('a peer that is too slow, answers with something else, or leads elsewhere is told apart', async () => {
  await using peer = await openPeer((_, response) => void response)
  const pages = httpPages({ url: `${peer.url}/orders`, ...byLink, headers: { authorization: env('SHOP_TOKEN') } })
  await using bench = await openBench(source('pages', { into: orders, from: pages, timeout: '100ms' }))
  expect((await bench.platform.runSource('pages')).error).toMatchObject({ code: 'setting_missing', path: 'SHOP_TOKEN' })
  process.env['SHOP_TOKEN'] = 'Bearer 42'
  const code = async () => {
    const { error } = await bench.platform.runSource('pages')
    return error === undefined ? undefined : `${error.code}: ${error.error.replaceAll(peer.url, '')}`
  }
  expect(await code()).toBe('source_unavailable: /orders did not answer within 100 ms.')
  peer.answer = (_, response) => response.writeHead(403).end()
  expect(await code()).toBe('source_refused: /orders answered 403.')
  peer.answer = (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
  expect(await code()).toBe('source_refused: /orders answered 302.')
  peer.answer = (_, response) => response.end(JSON.stringify({ data: { items: [] }, next: 'http://127.0.0.2/orders' }))
  expect(await code()).toBe('source_refused: /orders leads to another host, 127.0.0.2.')
  peer.answer = (_, response) => response.end(JSON.stringify({ data: { items: [] }, next: '/orders' }))
  expect(await code()).toBe('source_refused: /orders leads from page to page in a circle.')
  peer.answer = (_, response) => response.end(Buffer.from('{"data":{"items":[{"order":"n\xe4her"}]}}', 'latin1'))
  expect(await code()).toBe('source_refused: /orders has a page that is not UTF-8.')
  peer.answer = (_, response) => response.end('{"data":{}}')
  expect(await code()).toBe("source_refused: /orders has no list of rows in 'data.items'.")
  let token: string | undefined
  peer.answer = (url, response, request) => {
    token = request.headers.authorization
    linked(url, response, request)
  }
  expect(await code()).toBeUndefined()
  expect(token).toBe('Bearer 42')
  delete process.env['SHOP_TOKEN']
})

test('a watermark asks for what is new, and moves only when all pages were read', async () => {
  await using peer = await openPeer(linked)
  const pages = source('pages', {
    into: orders,
    from: httpPages({ url: `${peer.url}/orders`, ...byLink, since: 'since' }),
    incremental: { by: 'changed', overlap: '2s' },
  })
  await using bench = await openBench(pages)
  expect(await bench.platform.runSource('pages')).toMatchObject({ accepted: 10, watermark: '2026-03-01T10:00:09Z' })
  peer.answer = (url, response) => {
    const isFirst = url.searchParams.get('since') !== null
    const row = { ...all[isFirst ? 3 : 4]!, amount: 99, changed: '2026-03-01T11:00:00Z' }
    if (!isFirst && peer.asked.length === 6) response.destroy()
    else response.end(JSON.stringify({ data: { items: [row] }, next: isFirst ? '/orders?page=2' : null }))
  }
  await bench.platform.runSource('pages')
  expect(peer.asked.at(-2)).toBe('/orders?since=2026-03-01T10%3A00%3A07Z')
  expect((await bench.platform.sources())[0]!.watermark).toBe('2026-03-01T10:00:09Z')
  expect(await bench.platform.runSource('pages')).toMatchObject({
    status: 'succeeded',
    received: 2,
    accepted: 2,
    watermark: '2026-03-01T11:00:00Z',
  })
  const rows = await bench.rows()
  expect([rows.size, rows.get('o3'), rows.get('o4')]).toMatchObject([10, { amount: 99 }, { amount: 99 }])
})

test.each([
  ['cursor', { cursor: 'cursor', parameter: 'after' }],
  ['offset', { offset: 'offset' }],
  ['page', { page: 'page' }],
  ['header', { header: 'link' }],
] as const)('pages are followed by %s', async (style, next) => {
  const answer: Answer = (url, response) => {
    const at = (name: string, first = 0) => Number(url.searchParams.get(name) ?? first)
    const from = { cursor: at('after'), offset: at('offset'), page: (at('page', 1) - 1) * 3, header: at('from') }[style]
    const isLast = from + 3 >= all.length
    if (style === 'header' && !isLast) response.setHeader('link', `</orders?from=${from + 3}>; rel="next"`)
    response.end(JSON.stringify({ items: all.slice(from, from + 3), cursor: isLast ? null : from + 3 }))
  }
  await using peer = await openPeer(answer)
  const from = httpPages({ url: `${peer.url}/orders`, rows: 'items', next })
  await using bench = await openBench(source('pages', { into: orders, from }))
  expect(await bench.platform.runSource('pages')).toMatchObject({ status: 'succeeded', received: 10, accepted: 10 })
})

test('a listing that only grows goes on at its last page', async () => {
  await using peer = await openPeer(linked)
  const from = httpPages({ url: `${peer.url}/orders`, ...byLink, continues: true })
  await using bench = await openBench(source('pages', { into: orders, from }))
  await bench.platform.runSource('pages')
  all.push({ order: 'o10', amount: 10, at: '2026-03-01T11:00:00Z', changed: '' })
  const asked = peer.asked.length
  expect(await bench.platform.runSource('pages')).toMatchObject({ received: 1, accepted: 1 })
  expect(peer.asked.slice(asked)).toEqual(['/orders?from=9'])
  all.pop()
})

test('rows that are delivered twice are counted once, within a run and by a push beside it', async () => {
  const answer: Answer = (url, response) => {
    const from = Number(url.searchParams.get('from') ?? 0)
    // Each page begins with the last row of the one before.
    const next = from + 3 < all.length ? `/orders?from=${from + 2}` : null
    response.end(JSON.stringify({ data: { items: all.slice(from, from + 3) }, next }))
  }
  await using peer = await openPeer(answer)
  const from = httpPages({ url: `${peer.url}/orders`, ...byLink, since: 'since' })
  const incremental = { by: 'changed', rows: 'appended' } as const
  await using bench = await openBench(source('pages', { into: orders, from, incremental }))
  const { changed, ...pushed } = all[4]!
  await bench.platform.ingest('orders', [pushed])
  expect(await bench.platform.runSource('pages')).toMatchObject({ received: 14, accepted: 9, duplicates: 5 })
  expect(bench.counts()).toMatchObject({ received: 15, accepted: 10, duplicates: 5, rejected: 0 })
})

test('a platform that ends in the middle of a run goes on with it when it is opened again', async () => {
  await using peer = await openPeer(linked)
  const from = httpPages({ url: `${peer.url}/orders`, ...byLink })
  await using bench = await openBench(source('pages', { into: orders, from }))
  await bench.platform.runSource('pages')
  for (const row of all) row.order = `q${row.order}`
  let isAsked = (): void => undefined
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve
  })
  peer.answer = (url, response, request) => {
    // The third page never comes.
    if (url.searchParams.get('from') === '6') isAsked()
    else linked(url, response, request)
  }
  const run = bench.platform.runSource('pages')
  await asked
  await bench.reopen()
  expect(await run).toMatchObject({ status: 'running', accepted: 6 })
  expect((await bench.platform.sources())[0]!.due).toBe(bench.clock.now())
  peer.answer = linked
  await bench.platform.tick()
  const [listing] = await bench.platform.sources()
  expect(listing).toMatchObject({ failures: 0, run: { status: 'succeeded', turns: 2, accepted: 10, duplicates: 0 } })
  expect(peer.asked.slice(-2)).toEqual(['/orders?from=6', '/orders?from=9'])
  for (const row of all) row.order = row.order.slice(1)
})

test('a rate is kept: a run pauses, and goes on by itself', async () => {
  await using peer = await openPeer(linked)
  const from = httpPages({ url: `${peer.url}/orders`, ...byLink })
  await using bench = await openBench(source('pages', { into: orders, from, rate: { requests: 2, per: '1m' } }))
  const start = bench.clock.now()
  expect(await bench.platform.runSource('pages')).toMatchObject({ status: 'running', received: 6, turns: 1 })
  expect(peer.asked).toHaveLength(2)
  // To ask for it changes nothing.
  expect(await bench.platform.runSource('pages')).toMatchObject({ status: 'running', received: 6, turns: 1 })
  expect(peer.asked).toHaveLength(2)
  for (let turn = 0; turn < 2; turn += 1) await goOn(bench)
  expect((await bench.platform.sourceRuns('pages', 1))[0]).toMatchObject({
    status: 'succeeded',
    received: 10,
    turns: 3,
  })
  expect(bench.clock.now() - start).toBe(MINUTE)
})
