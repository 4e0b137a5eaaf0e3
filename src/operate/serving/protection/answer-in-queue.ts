import type { TruelineError } from '../../../core/errors.ts'
import type { Protection } from './protection.ts'

/**
 * Answers a request that came whole, as one of those that are under way.
 * @param bytes of its body
 * @param deadline when it must be answered, microseconds of the clock's `elapsed`
 * @returns what `work` gives: at once where it gives it at once
 * @throws TruelineError `overloaded` when the queue is full, `deadline_exceeded` when the answer is not there in time, and
 *   what the work throws; work that goes on when it is too late keeps its place until it ends
 */
export function answerInQueue<Answer>(
  protection: Protection,
  bytes: number,
  deadline: number,
  work: () => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  // Its turn is now, whatever it takes: how long others take a byte says nothing about it.
  if (!protection.enter(bytes, Number.POSITIVE_INFINITY)) throw protection.overloaded()
  protection.begin(bytes)
  const leave = (): void => protection.leave(bytes)
  let answer: Answer | Promise<Answer>
  try {
    if (protection.clock.elapsed() >= deadline) throw late(protection)
    answer = work()
  } catch (thrown) {
    leave()
    throw thrown
  }
  if (!(answer instanceof Promise)) {
    leave()
    return answer
  }
  answer.then(leave, leave)
  return beforeDeadline(protection, deadline, answer)
}

function beforeDeadline<Answer>(protection: Protection, deadline: number, answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const wait = Math.max(0, (deadline - protection.clock.elapsed()) / 1000)
    const timer = setTimeout(() => reject(late(protection)), wait)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function late(protection: Protection): TruelineError {
  protection.counts.deadlineExceeded += 1
  return protection.late()
}
