import { expect, test } from 'vitest'
import { SECOND } from '../../../core/time.ts'
import { limits } from '../../../language/define/limits.ts'
import { createProtection, type Protection } from './protection.ts'

const clock = { time: 0, elapsed: () => clock.time }

test('the queue is bounded by requests and by bytes, and what leaves makes room', () => {
  const protection = createProtection(limits({ queue: { requests: 2, bytes: 1000 } }), clock)
  protection.enter(600, SECOND)
  expect(protection.enter(600, SECOND)).toBe(false)
  protection.enter(400, SECOND)
  expect(protection.enter(0, SECOND)).toBe(false)
  protection.leave(600)
  protection.enter(600, SECOND)
  expect(protection.waiting).toEqual({ requests: 2, bytes: 1000 })
  expect(protection.counts.shed).toBe(2)
})

test('one body that is larger than the queue is taken when nothing else waits', () => {
  const protection = createProtection(limits({ queue: { bytes: 1000 } }), clock)
  protection.enter(5000, SECOND)
  expect(protection.enter(1, SECOND)).toBe(false)
})

test('whoever would wait for half of its time is refused at once, by how fast answers were lately', () => {
  const protection = createProtection(limits(), clock)
  protection.enter(100, SECOND)
  for (let turn = 0; turn < 100; turn += 1) protection.answered(1, 744, 140_000)
  protection.enter(100, SECOND)
  expect(protection.enter(100, SECOND / 4)).toBe(false)
  // What is under way is no longer waited for.
  protection.begin(100)
  protection.enter(100, SECOND / 4)
  protection.leave(100)
  protection.enter(100, SECOND)
  protection.leave(100)
  protection.leave(100)
  protection.leave(100)
  // Nobody waits any more: it is tried, whatever was seen.
  protection.enter(100, 1)
})

test('what small requests took says little of a large one', () => {
  const protection = createProtection(limits(), clock)
  protection.enter(2, SECOND)
  for (let turn = 0; turn < 100; turn += 1) protection.answered(1, 2, 1000)
  expect(protection.enter(60_000, SECOND)).toBe(true)
})

test('a deadline is what the client asks for, up to the limit', () => {
  const protection = createProtection(limits({ deadline: '2s' }), clock)
  expect(protection.deadlineOf(undefined)).toBe(2 * SECOND)
  expect(protection.deadlineOf('150')).toBe(150_000)
  expect(protection.deadlineOf('999999')).toBe(2 * SECOND)
  for (const wrong of ['0', '-1', '1.5', '1e3', 'soon', '', '9'.repeat(20)])
    expect(() => protection.deadlineOf(wrong)).toThrow(
      expect.objectContaining({ code: 'invalid_request', path: 'x-request-timeout-ms' }),
    )
})

test('whoever asks too often is told when to come again', () => {
  const protection = createProtection(limits({ rate: { requests: 1, per: '1m' } }), clock)
  protection.admit('a')
  expect(() => protection.admit('a')).toThrow(
    expect.objectContaining({
      ...{ code: 'rate_limited', retryAfter: 60 },
      message: 'This client asks too often: it may ask for 1 request in 1m, and 1 at once.',
    }),
  )
  protection.admit('b')
  expect(protection.counts.rateLimited).toBe(1)
})

test('bodies on their way are bounded by bytes alone, and take no place of what waits', () => {
  const protection = createProtection(limits({ queue: { requests: 1, bytes: 1000 } }), clock)
  expect([protection.comes(5000), protection.comes(1), protection.enter(1000, SECOND)]).toEqual([true, false, true])
  protection.came(5000)
  expect([protection.comes(600), protection.comes(400), protection.comes(1)]).toEqual([true, true, false])
  expect(protection.coming).toEqual({ requests: 2, bytes: 1000 })
})

test.each([
  ['waits', (protection: Protection) => [protection.enter(1, SECOND), () => protection.leave(1)] as const],
  ['is on its way', (protection: Protection) => [protection.comes(1), () => protection.came(1)] as const],
])('it is drained when nothing %s', async (_, begin) => {
  const protection = createProtection(limits(), clock)
  await protection.drained()
  const [, end] = begin(protection)
  let isDrained = false
  const drained = protection.drained().then(() => {
    isDrained = true
  })
  await Promise.resolve()
  expect(isDrained).toBe(false)
  end()
  await drained
})
