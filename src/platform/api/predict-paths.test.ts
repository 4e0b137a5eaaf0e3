import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exchange, predictPaths, requestPieces, sameAnswers } from './predict-paths.fixture.ts'

test('whatever bytes come, the direct path answers as the framework would', async () => {
  await using paths = await predictPaths()
  await fc.assert(
    fc.asyncProperty(requestPieces, async (pieces) => {
      const [direct, framework] = await Promise.all([exchange(paths.direct, pieces), exchange(paths.framework, pieces)])
      const [ours, theirs] = sameAnswers(direct, framework, pieces)
      expect(ours).toEqual(theirs)
    }),
    { seed: 1969, numRuns: 60 },
  )
  expect(paths.defects).toEqual([])
  expect(paths.protection.waiting).toEqual({ requests: 0, bytes: 0 })
})

test.for([
  ['to the framework', 'application/json; charset=utf-8'],
  ['by itself', 'application/json'],
])('a large request that is answered leaves nothing in the queue: %s', async ([, type]) => {
  await using paths = await predictPaths()
  const body = JSON.stringify({ rows: new Array(2500).fill({ text: 'some words, and others' }) })
  const response = await fetch(`http://127.0.0.1:${paths.direct}/v1/models/a/predict`, {
    ...{ method: 'POST', headers: { 'content-type': type! }, body },
  })
  expect(((await response.json()) as { predictions: unknown[] }).predictions).toHaveLength(2500)
  expect(paths.protection.waiting).toEqual({ requests: 0, bytes: 0 })
})

test('what is wrong in two ways is refused for the same one on both paths', async () => {
  await using paths = await predictPaths()
  const head = ['x-request-timeout-ms: 0', 'x-trueline-load-test: none', 'Content-Length: 11']
  const request = `POST /v1/models/a/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${head.join('\r\n')}\r\n\r\n{"rows":[]}`
  const [ours, theirs] = sameAnswers(
    await exchange(paths.direct, [request]),
    await exchange(paths.framework, [request]),
  )
  expect(ours).toEqual(theirs)
})
