import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { OpenLineageEvent } from '../../models/registry/lineage/open-lineage.ts'
import { ada, definition, model, temporaryRegistry } from '../../models/registry/registry.fixture.ts'
import { finishRun, startRun } from '../../models/registry/runs.ts'
import { createLineageSender } from './send-lineage.ts'

/** An OpenLineage endpoint that refuses as many events as it is told to. */
async function endpoint() {
  const events: OpenLineageEvent[] = []
  const refuse = { count: 0 }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    if (refuse.count > 0) {
      refuse.count -= 1
      response.writeHead(503).end()
      return
    }
    events.push({ ...JSON.parse(body), path: request.url })
    response.writeHead(201).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    ...{ events, refuse, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/below` },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

test('runs that have ended are told in order, each at least once, also when the other side was away', async () => {
  await using registry = await temporaryRegistry()
  await using other = await endpoint()
  const { metadata } = registry
  const begin = () => startRun(metadata, { model, parameters: {}, seed: 1, author: ada })
  const [first, second, third] = [await begin(), await begin(), await begin()]
  const error = { code: 'training_failed', message: 'it broke' }
  await finishRun(metadata, first!.id, { status: 'failed', error })
  await finishRun(metadata, third!.id, { status: 'failed', error })
  const open = () =>
    createLineageSender(
      {
        ...{ metadata, project: definition, logger: pino({ enabled: false }), directory: 'd' },
        signal: new AbortController().signal,
      },
      other.url,
    )
  other.refuse.count = 1
  await open().advance()
  expect(other.events).toEqual([])
  const sender = open()
  await sender.advance()
  expect(other.events).toMatchObject([
    {
      eventType: 'START',
      path: '/below/api/v1/lineage',
      job: { namespace: 'trueline', name: `models/${model}/train` },
    },
    { eventType: 'FAIL', run: { facets: { errorMessage: { message: 'it broke' } } } },
  ])
  const ids = other.events.map(({ run }) => run.runId)
  expect(new Set(ids).size).toBe(1)
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  await finishRun(metadata, second!.id, { status: 'failed', error })
  await sender.advance()
  await open().advance()
  expect(other.events.map(({ eventType }) => eventType)).toEqual(['START', 'FAIL', 'START', 'FAIL', 'START', 'FAIL'])
  expect(new Set(other.events.map(({ run }) => run.runId)).size).toBe(3)
})
