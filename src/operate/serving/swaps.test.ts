import { expect, test } from 'vitest'
import { buildForest, type TreeNodeOf } from '../../models/inference/forest-builder.ts'
import { createForestScorer } from '../../models/inference/forest-scorer.ts'
import { threadKernel } from '../../models/inference/kernel-memory.ts'
import { createModelServing, type ModelServing } from './model-serving.ts'
import { answered, type ServingGround, servedVersion, servingGround, visit } from './served.fixture.ts'
import type { ServedVersion } from './served-version.ts'

const TREES = 200
const DEPTH = 6

function servingOn({ state, log, clock }: ServingGround): ModelServing {
  return createModelServing({
    ...{ name: 'buys', state, log, clock, sync: false },
    recording: { log: { sync: false, sample: 1 }, schema: {} },
    onShed: () => undefined,
    onUnsampled: () => undefined,
    observerOf: () => ({ observe: () => undefined, failed: () => undefined }),
  })
}

/** A version with a forest of 200 trees, each node split at the same number of pages: its score is 0 or `weight`. */
function largeVersion(version: number, weight: number): ServedVersion {
  const nodes: TreeNodeOf<number>[] = []
  const grow = (depth: number): number => {
    const at = nodes.push({ value: [0] }) - 1
    if (depth === 0) return at
    const [left, right] = [grow(depth - 1), grow(depth - 1)]
    nodes[at] = { feature: 0, threshold: 5, defaultLeft: true, test: 'less', left, right }
    return at
  }
  grow(DEPTH)
  // The rightmost leaf is the last.
  nodes[nodes.length - 1] = { value: [weight / TREES] }
  const trees = Array.from({ length: TREES }, () => ({ root: 0, node: (id: number) => nodes[id]!, output: 0 }))
  const scorer = createForestScorer(
    buildForest(
      {
        ...{ featureNames: ['pages'], precision: 'float64', outputs: 1, leafWidth: 1, baseMargin: [0] },
        ...{ baseOrder: 'first', divisor: 1, categoryRounding: 'none' },
      },
      trees,
    ),
  )
  return { ...servedVersion(version, 5), scorer }
}

const memory = (): number => threadKernel()!.uint8.length

test('versions that take turns take no more memory than two of them, and no request fails', async () => {
  await using ground = await servingGround()
  const serving = servingOn(ground)
  let settled = 0
  for (let swap = 1; swap <= 40; swap += 1) {
    serving.prepare(largeVersion(1 + (swap % 9), swap))()
    const answer = serving.predict(visit(9), 'http')
    if (!('answered' in answer)) throw new Error('A request failed.')
    expect(answer.answered.score).toBeCloseTo(swap, 9)
    if (swap === 5) settled = memory()
    if (swap % 20 === 0) await ground.log.durable(serving.flush()!)
  }
  // A page for how they lie between each other: one that is not let go would take eight more each time.
  expect(memory()).toBeLessThanOrEqual(settled + 65_536)
})

test('what served before stays ready until two others came, and an old request is answered with its bits all the same', async () => {
  await using ground = await servingGround()
  const serving = servingOn(ground)
  const [first, second, third] = [largeVersion(1, 10), largeVersion(2, 20), largeVersion(3, 30)]
  serving.prepare(first)()
  const { infer } = serving.raw()
  const score = () => answered(infer(Float64Array.of(9), 'infer')).score
  const before = score()
  expect(serving.before).toBeUndefined()
  serving.prepare(second)()
  expect(serving.before).toMatchObject({ version: 1, scorer: first.scorer })
  serving.prepare(third)()
  expect(serving.before).toMatchObject({ version: 2, scorer: second.scorer })
  expect(score()).toBe(before)
  serving.prepare(serving.before!)()
  expect([serving.served!.version, serving.before!.version]).toEqual([2, 3])
  serving.withdraw()
  expect(serving.before).toBeUndefined()
  await ground.log.durable(serving.flush()!)
})
