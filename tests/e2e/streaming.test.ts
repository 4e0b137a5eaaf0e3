import { afterAll, beforeAll, expect, test } from 'vitest'
import { importShop, makeHistory, openShop, temporaryFolder, trainAndServe } from './shop-fixture.ts'
import { answersOf, newOrders, openCopy, streamedShop } from './streamed-shop.ts'

let trained: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  trained = await temporaryFolder()
  const { platform } = await openShop({ folder: trained.path, project: streamedShop })
  await importShop(platform, trained.path, makeHistory())
  await trainAndServe(platform, 'sent_back')
  await trainAndServe(platform, 'refund_size')
  await platform.close()
})

afterAll(async () => {
  await trained[Symbol.asyncDispose]()
})

test('each event is answered once, as if it had been asked about just before it came, and replayed to the bit', async () => {
  await using folder = await temporaryFolder()
  const platform = await openCopy(trained.path, folder.path)
  const asked: number[] = []
  for (const order of newOrders(40)) {
    const { predictions } = await platform.predict('sent_back', [order])
    asked.push((predictions[0] as { score: number }).score)
    await platform.ingest('orders', [order])
  }
  await platform.parts.streaming.advance()
  const { answers } = await platform.streamAnswers('sent_back', { after: -1, limit: 1000, wait: 0 })
  expect(answers.map(({ score }) => score)).toEqual(asked)
  expect(answers.map(({ event }) => event)).toEqual(newOrders(40).map(({ order }) => expect.stringContaining(order)))
  expect(new Set(asked).size).toBeGreaterThan(5)
  expect(await platform.replay(answers[20]!.prediction!)).toMatchObject({ same: true })
  const audit = await platform.audit({})
  expect(audit).toMatchObject({ checked: 120, mismatches: 0, unverifiable: 0 })
  expect(await platform.streamScoring()).toMatchObject([
    { model: 'sent_back', state: 'running', behind: 0, lag: 0, received: 40, scored: 40, rejected: 0, passed: 0 },
    { model: 'refund_size', state: 'running', behind: 0, received: 40, scored: 40 },
  ])
  const later = { after: answers.at(-1)!.offset, limit: 10, wait: 30 }
  const waiting = platform.streamAnswers('sent_back', later)
  await platform.ingest('orders', newOrders(41).slice(40))
  const { answers: newest, next } = await waiting
  expect(newest).toMatchObject([{ event: expect.stringContaining(newOrders(41)[40]!.order) }])
  const left = platform.streamAnswers('sent_back', { ...later, after: next })
  await platform.close()
  expect((await left).answers).toEqual([])
})

test('what is answered depends on the log alone: in one call or many, at once or read back after a pause', async () => {
  await using folders = await manyFolders(3)
  const orders = newOrders(60)
  const [single, together, paused] = folders.paths as [string, string, string]
  const one = await openCopy(trained.path, single)
  for (const order of orders) {
    await one.ingest('orders', [order])
    await one.parts.streaming.advance()
  }
  const expected = [await answersOf(one), await answersOf(one, 'refund_size')]
  expect(expected[0]).toHaveLength(60)
  await one.close()

  const all = await openCopy(trained.path, together)
  await all.ingest('orders', orders)
  await all.parts.streaming.advance()
  expect([await answersOf(all), await answersOf(all, 'refund_size')]).toEqual(expected)
  await all.close()

  const later = await openCopy(trained.path, paused)
  await later.ingest('orders', orders.slice(0, 10))
  for (const model of ['sent_back', 'refund_size']) await later.pauseStream(model, { name: 'sre' }, 'For the test.')
  await later.ingest('orders', orders.slice(10, 50))
  expect((await later.streamScoring())[0]).toMatchObject({ state: 'paused', reason: 'sre: For the test.' })
  // What cannot be recorded does not happen.
  await expect(later.resumeStream('sent_back', { name: null as never }, 'None.')).rejects.toThrow()
  expect((await later.streamScoring())[0]).toMatchObject({ state: 'paused', reason: 'sre: For the test.' })
  for (const model of ['sent_back', 'refund_size']) await later.resumeStream(model, { name: 'sre' }, 'It is over.')
  await later.ingest('orders', orders.slice(50))
  await later.parts.streaming.advance()
  expect([await answersOf(later), await answersOf(later, 'refund_size')]).toEqual(expected)
  expect(await later.audit({})).toMatchObject({ checked: 120, mismatches: 0 })
  await later.close()
})

async function manyFolders(count: number) {
  const made = await Promise.all(Array.from({ length: count }, temporaryFolder))
  return {
    paths: made.map(({ path }) => path),
    async [Symbol.asyncDispose]() {
      for (const folder of made) await folder[Symbol.asyncDispose]()
    },
  }
}
