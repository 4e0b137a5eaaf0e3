import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createModelServing, type ModelServing } from './model-serving.ts'
import { answered, type ServingGround, servedVersion, servingGround, visit } from './served.fixture.ts'

function servingOn({ state, log, clock }: ServingGround): ModelServing {
  return createModelServing({
    ...{ name: 'buys', state, log, clock, sync: false },
    recording: { log: { sync: false, sample: 1 }, schema: {} },
    onShed: () => undefined,
    onUnsampled: () => undefined,
    observerOf: () => ({ observe: () => undefined, failed: () => undefined }),
  })
}

const unserved = expect.objectContaining({ code: 'no_model_serving' })

test('a model that is withdrawn serves nothing until a version is made to serve, and what it said is logged', async () => {
  await using ground = await servingGround()
  const serving = servingOn(ground)
  serving.prepare(servedVersion(1, 5))()
  serving.predict(visit(9), 'http')
  serving.withdraw()
  expect({ served: serving.served, isWithdrawn: serving.isWithdrawn }).toEqual({ served: undefined, isWithdrawn: true })
  expect(() => serving.predict(visit(9), 'http')).toThrow(unserved)
  const how = { remedy: expect.stringMatching(/^Load it: POST \/v2\/repository\/models\/\w+\/load\./) }
  expect(() => serving.raw()).toThrow(expect.objectContaining({ code: 'no_model_serving', ...how }))
  expect(serving.pending).toBe(1)
  await ground.log.durable(serving.flush()!)
  expect(serving.pending).toBe(0)
  serving.prepare(servedVersion(1, 5))()
  expect(serving.isWithdrawn).toBe(false)
  expect(serving.predict(visit(9), 'http')).toHaveProperty('answered')
})

test('a request for raw vectors goes on with the version that it began with', async () => {
  await using ground = await servingGround()
  const serving = servingOn(ground)
  serving.prepare(servedVersion(1, 5))()
  const { served, infer } = serving.raw()
  serving.prepare(servedVersion(2, 50))()
  const before = answered(infer(Float64Array.of(9), 'infer'))
  serving.withdraw()
  const after = answered(infer(Float64Array.of(9), 'infer'))
  expect([served.version, before.score, after.score]).toEqual([1, before.score, before.score])
  expect(before.verdict.decision).toBe('help')
  await ground.log.durable(serving.flush()!)
  expect(serving.pending).toBe(0)
})

test('nothing holds a version that was withdrawn', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await using ground = await servingGround()
  const serving = servingOn(ground)
  const held = (() => {
    const served = servedVersion(1, 5)
    serving.prepare(served)()
    serving.predict(visit(9), 'http')
    return new WeakRef(served)
  })()
  serving.withdraw()
  await ground.log.durable(serving.flush()!)
  serving.flush()
  for (let turn = 0; turn < 20 && held.deref() !== undefined; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  expect(held.deref()).toBeUndefined()
})
