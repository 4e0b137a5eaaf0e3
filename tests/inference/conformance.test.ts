import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { checks, runChecks } from '../../conformance/suite.ts'
import { startFixture } from './inference.fixture.ts'

test.each(['echo', 'sum'])('all that the protocol says of a server holds: %s', async (model) => {
  await using server = await startFixture()
  const results = await runChecks({ rest: server.rest, grpc: server.grpc, model, control: true })
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
  expect(results.length).toBe(checks.length)
  expect(server.defects).toEqual([])
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
