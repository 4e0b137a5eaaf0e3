import { expect, test } from 'vitest'
import { TruelineError } from '../../../core/errors.ts'
import { SECOND } from '../../../core/time.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'

const definition = { failures: 3, slow: SECOND, pause: 10 * SECOND }

function breakerAt(start = 0) {
  const clock = { time: start, elapsed: () => clock.time }
  const breaker = createCircuitBreaker(definition, clock, (thrown) => !(thrown instanceof TruelineError))
  const fail = () => breaker.run(() => Promise.reject(new Error('broken'))).catch((thrown: Error) => thrown.message)
  const succeed = (takes = 0) =>
    breaker.run(async () => {
      clock.time += takes
      return 'done'
    })
  return { breaker, clock, fail, succeed }
}

test('it opens after failures in a row, and refuses without doing anything', async () => {
  const { breaker, fail, succeed } = breakerAt()
  await fail()
  await fail()
  expect(await succeed()).toBe('done')
  for (let failure = 0; failure < 3; failure += 1) expect(await fail()).toBe('broken')
  expect(breaker.state).toBe('open')
  let called = false
  const refused = breaker.run(async () => {
    called = true
  })
  await expect(refused).rejects.toMatchObject({ code: 'history_unavailable' })
  expect({ called, counts: breaker.counts }).toEqual({ called: false, counts: { opened: 1, refused: 1 } })
})

test('after the pause one call is tried: it closes the breaker, or opens it again', async () => {
  const { breaker, clock, fail, succeed } = breakerAt()
  for (let failure = 0; failure < 3; failure += 1) await fail()
  clock.time += 10 * SECOND
  expect(breaker.state).toBe('half_open')
  const trying = fail()
  await expect(succeed()).rejects.toMatchObject({ code: 'history_unavailable' })
  await trying
  expect(breaker.state).toBe('open')
  clock.time += 10 * SECOND
  expect(await succeed()).toBe('done')
  expect(breaker.state).toBe('closed')
  expect(breaker.counts.opened).toBe(2)
})

test('slow calls count as failures; errors that are not its own do not count at all', async () => {
  const { breaker, succeed } = breakerAt()
  for (let call = 0; call < 10; call += 1)
    await breaker.run(() => Promise.reject(new TruelineError('overloaded', 'busy'))).catch(() => undefined)
  expect(breaker.state).toBe('closed')
  for (let call = 0; call < 3; call += 1) expect(await succeed(2 * SECOND)).toBe('done')
  expect(breaker.state).toBe('open')
})
