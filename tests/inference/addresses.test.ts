import { expect, test } from 'vitest'
import { startFixture } from './inference.fixture.ts'

test.each([
  ['GET', '/v2/models/sum/infer', 405, 'POST'],
  ['POST', '/v2/models/sum', 405, 'GET, HEAD'],
  ['DELETE', '/v2/repository/index?ready=true', 405, 'POST'],
  ['PUT', '/v2', 405, 'GET, HEAD'],
  ['GET', '/v2/models/sum/inferences', 404, null],
])('%s %s is %i, with the methods that the address takes', async (method, path, status, allow) => {
  await using server = await startFixture()
  const answer = await fetch(`${server.rest}${path}`, { method })
  expect([answer.status, answer.headers.get('allow')]).toEqual([status, allow])
  const code = status === 405 ? 'method_not_allowed' : 'not_found'
  expect(await answer.json()).toEqual({
    error: expect.stringContaining(`${code}: There is nothing at ${method} ${path}`),
  })
})
