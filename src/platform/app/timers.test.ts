import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { TruelineError } from '../../core/errors.ts'
import { startTimers } from './timers.ts'

test('work is repeated, never twice at once, until it is stopped; a failure is told once while it stays the same', async () => {
  const lines: string[] = []
  const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) })
  let slow = 0
  let mostAtOnce = 0
  let atOnce = 0
  let failing = 0
  const enough = Promise.withResolvers<void>()
  const stop = startTimers(
    [
      {
        every: 1,
        async work() {
          atOnce += 1
          mostAtOnce = Math.max(mostAtOnce, atOnce)
          await setTimeout(5)
          atOnce -= 1
          slow += 1
        },
      },
      {
        every: 1,
        work() {
          failing += 1
          if (failing === 6) enough.resolve()
          throw new TruelineError('disk_full', failing < 4 ? 'No room.' : 'Still no room.')
        },
      },
    ],
    logger,
  )
  await enough.promise
  while (slow < 2) await setTimeout(1)
  stop()
  const told = failing
  await setTimeout(10)
  expect(failing).toBe(told)
  expect(mostAtOnce).toBe(1)
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 50, code: 'disk_full', msg: 'No room.' },
    { level: 50, code: 'disk_full', msg: 'Still no room.' },
  ])
})
