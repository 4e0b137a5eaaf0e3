import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { importShop, makeHistory, NOW, openShop, temporaryFolder, trainAndServe } from './shop-fixture.ts'
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
  // What was asked over HTTP and what came by the stream: neither is more in an hour than since the start.
  const counted = async (of: OwnedPlatform) =>
    Object.fromEntries((await of.fleet()).models.map(({ name, predictions }) => [name, predictions]))
  expect(await counted(platform)).toMatchObject({
    sent_back: { total: 80, lastHour: 80 },
    refund_size: { total: 40, lastHour: 40 },
  })
  const later = { after: answers.at(-1)!.offset, limit: 10, wait: 30 }
  const waiting = platform.streamAnswers('sent_back', later)
  await platform.ingest('orders', newOrders(41).slice(40))
  const { answers: newest, next } = await waiting
  expect(newest).toMatchObject([{ event: expect.stringContaining(newOrders(41)[40]!.order) }])
  const left = platform.streamAnswers('sent_back', { ...later, after: next })
  await platform.close()
  expect((await left).answers).toEqual([])
  await using copied = await temporaryFolder()
  const again = await openCopy(folder.path, copied.path)
  expect(await counted(again)).toMatchObject({ sent_back: { total: 0 }, refund_size: { total: 0 } })
  await again.close()
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

const ada = { name: 'ada' }
const everything = { stream: 'orders', apply: true }

/** All that scoring events again may change. */
async function scoringState(platform: OwnedPlatform, model: string) {
  return {
    scoring: (await platform.streamScoring()).find((one) => one.model === model),
    answers: await answersOf(platform, model),
    kept: platform.parts.log.conservation(`${model}_predictions`),
    logged: (await platform.loggedPredictions({ model, limit: 100 })).predictions.length,
  }
}

test('events that no version could score are replayed by one that can, each as of when it came', async () => {
  await using folder = await temporaryFolder()
  const { schema } = streamedShop.streams['orders']!
  const orders = {
    ...streamedShop.streams['orders']!,
    schema: { ...schema, amount: { ...schema['amount']!, max: 2000 } },
  }
  const project = { ...streamedShop, streams: { ...streamedShop.streams, orders } }
  const platform = await openCopy(trained.path, folder.path, project, true)
  const rows = newOrders(6).map((order, index) => (index % 2 === 1 ? { ...order, amount: 1500 } : order))
  const returned = { ...makeHistory().returns[0]!, refund: 900, returned_at: NOW }
  for (const [line, row] of rows.entries()) {
    await platform.ingest('orders', [row])
    await platform.ingest('returns', [{ ...returned, product: row.product, line }])
  }
  await platform.parts.streaming.advance()
  const before = await scoringState(platform, 'refund_size')
  expect(before.scoring).toMatchObject({ received: 6, scored: 3, rejected: 3, fallbacks: 0 })
  expect(before.answers).toHaveLength(3)
  // The version that serves refuses them as it did.
  expect(await platform.fixDeadLetters(everything, ada)).toMatchObject({ matched: 3, accepted: 0, rejected: 3 })
  expect(await scoringState(platform, 'refund_size')).toEqual(before)
  const [newest] = (await platform.deadLetters({ stream: 'orders', state: 'open' })).rows
  const mend = { letter: newest!.letter, set: ['amount = 500'] }
  expect(await platform.fixDeadLetters(mend, ada)).toMatchObject({ applied: false, accepted: 1 })
  expect(await scoringState(platform, 'refund_size')).toEqual(before)
  expect(await platform.fixDeadLetters({ ...mend, apply: true }, ada)).toMatchObject({
    accepted: 1,
    examples: [{ after: expect.stringContaining('"amount":500') }],
  })
  expect(await platform.deadLetter(mend.letter)).toMatchObject({ state: 'fixed', attempts: 2 })
  const version = await trainAndServe(platform, 'refund_size')
  expect(await platform.fixDeadLetters(everything, ada)).toMatchObject({ matched: 2, accepted: 2, rejected: 0 })
  const after = await scoringState(platform, 'refund_size')
  const { offset } = before.scoring!
  expect(after.scoring).toMatchObject({ offset, received: 6, scored: 6, rejected: 0, passed: 0, fallbacks: 0 })
  const event = (index: number) => expect.stringContaining(rows[index]!.order)
  expect(after.answers.slice(3)).toMatchObject([
    { event: event(5), score: expect.any(Number), version: before.answers[0]!.version },
    { event: event(1), score: expect.any(Number), version },
    { event: event(3), score: expect.any(Number), version },
  ])
  expect(after).toMatchObject({ kept: { received: 6, accepted: 6, rejected: 0 }, logged: 6 })
  expect(await platform.audit({})).toMatchObject({ checked: 6, mismatches: 0, unverifiable: 0 })
  await expect(platform.fixDeadLetters({ ...mend, apply: true }, ada)).rejects.toMatchObject({
    code: 'dead_letter_settled',
  })
  expect(await platform.fixDeadLetters(everything, ada)).toMatchObject({ matched: 0, accepted: 0 })
  expect(await scoringState(platform, 'refund_size')).toEqual(after)
  await platform.ingest('orders', newOrders(7).slice(6))
  await platform.parts.streaming.advance()
  expect((await platform.streamScoring())[1]).toMatchObject({ received: 7, scored: 7, rejected: 0 })
  await platform.close()
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
