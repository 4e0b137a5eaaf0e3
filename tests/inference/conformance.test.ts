import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { checks, runChecks } from '../../conformance/suite.ts'
import { startFixture } from './inference.fixture.ts'

test.each(['echo', 'sum'])('all that the protocol says of a server holds: %s', async (model) => {
  await using server = await startFixture()
  const results = await runChecks({ rest: server.rest, grpc: server.grpc, model, control: true })
  const others = results.filter(({ outcome }) => outcome !== 'passed')
  // The protocol has typed contents for all datatypes but two, which only one of the models has.
  const untyped = ['grpc/infer-contents', 'grpc/error-both-contents']
  expect(others.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(
    model === 'echo' ? untyped.map((name) => `${name} skipped`) : [],
  )
  expect(results.length).toBe(checks.length)
  expect(server.defects).toEqual([])
})

test('each check over gRPC has a connection of its own, which nothing before has spoilt', async () => {
  await using server = await startFixture()
  const [host, port] = server.grpc.split(':')
  let connections = 0
  const proxy = createServer((client) => {
    connections += 1
    const other = connect(Number(port), host)
    client.pipe(other).pipe(client)
    for (const socket of [client, other]) socket.on('error', () => undefined)
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const grpc = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const results = await runChecks({ grpc, model: 'sum', only: 'grpc/e' })
  proxy.close()
  expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'passed'))
  // One more tells what the model is.
  expect(connections).toBe(results.length + 1)
})

test('the name of a compression may be in capitals', async () => {
  await using server = await startFixture()
  const inputs = ['a', 'b'].map((name) => ({ name, datatype: 'FP64', shape: [1], data: [1] }))
  const answer = await fetch(`${server.rest}/v2/models/sum/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'GZip' },
    body: gzipSync(JSON.stringify({ inputs })),
  })
  expect(await answer.json()).toMatchObject({ outputs: [{ name: 'sum', data: [2] }] })
})

test('a check fails where a server does something else', async () => {
  await using server = await startFixture()
  const results = await runChecks({ rest: `${server.rest}/elsewhere`, grpc: server.grpc, model: 'sum' }).catch(String)
  expect(results).toMatch(/The metadata of sum is 404/)
  await using other = await startFixture()
  const mixed = await runChecks({ rest: server.rest, grpc: other.grpc, model: 'sum', only: 'grpc/model-metadata' })
  expect(mixed).toMatchObject([{ outcome: 'passed' }])
})
