import { expect, test } from 'vitest'
import { SECOND } from '../../../core/time.ts'
import { limits } from '../../../language/define/limits.ts'
import { answerInQueue } from './answer-in-queue.ts'
import { createProtection } from './protection.ts'

const clock = { time: 0, elapsed: () => clock.time }
const none = { requests: 0, bytes: 0 }

test('what is answered at once has left the queue, whether it succeeds or not', () => {
  const protection = createProtection(limits(), clock)
  expect(answerInQueue(protection, 10, SECOND, () => protection.waiting.bytes)).toBe(10)
  const fail = (): never => {
    throw new Error('broken')
  }
  expect(() => answerInQueue(protection, 10, SECOND, fail)).toThrow('broken')
  expect(protection.waiting).toEqual(none)
})

test('what does not fit is refused before any work, and what is late is not begun', () => {
  const protection = createProtection(limits({ queue: { requests: 1 } }), clock)
  const overloaded = expect.objectContaining({ code: 'overloaded', retryAfter: 1 })
  const inner = () => answerInQueue(protection, 1, SECOND, () => 'second')
  expect(() => answerInQueue(protection, 1, SECOND, inner)).toThrow(overloaded)
  const late = () => answerInQueue(protection, 1, 0, () => 'late')
  expect(late).toThrow(expect.objectContaining({ code: 'deadline_exceeded' }))
  expect(protection.counts).toEqual({ shed: 1, rateLimited: 0, deadlineExceeded: 1 })
  expect(protection.waiting).toEqual(none)
})

test('whoever waits is told when its deadline is over, and the work keeps its place until it ends', async () => {
  const protection = createProtection(limits(), clock)
  let end: (answer: string) => void = () => undefined
  const work = () =>
    new Promise<string>((resolve) => {
      end = resolve
    })
  const answer = answerInQueue(protection, 7, 1000, work)
  await expect(answer).rejects.toMatchObject({ code: 'deadline_exceeded' })
  expect(protection.waiting).toEqual({ requests: 1, bytes: 7 })
  end('too late')
  await protection.drained()
  const inTime = answerInQueue(protection, 7, 60 * SECOND, work)
  end('in time')
  expect(await inTime).toBe('in time')
  expect(protection.waiting).toEqual(none)
})
