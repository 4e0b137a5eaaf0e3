import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exchange, predictPaths, requestPieces, sameAnswers } from './predict-paths.fixture.ts'

test('whatever bytes come, the direct path answers as the framework would', async () => {
  await using paths = await predictPaths()
  await fc.assert(
    fc.asyncProperty(requestPieces, async (pieces) => {
      const [direct, framework] = await Promise.all([exchange(paths.direct, pieces), exchange(paths.framework, pieces)])
      const [ours, theirs] = sameAnswers(direct, framework)
      expect(ours).toEqual(theirs)
    }),
    { seed: 1969, numRuns: 60 },
  )
  expect(paths.defects).toEqual([])
  expect(paths.protection.waiting).toEqual({ requests: 0, bytes: 0 })
})
