import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

test('so many works are done at a time, in their order, also behind one that fails', async () => {
  const turn = createTurns(2)
  const begun: number[] = []
  const ends: (() => void)[] = []
  const works = Array.from({ length: 5 }, (_, number) =>
    turn(async () => {
      begun.push(number)
      await new Promise<void>((resolve) => ends.push(resolve))
      if (number === 0) throw new Error('the first')
      return number
    }),
  )
  const settled = Promise.allSettled(works)
  for (let done = 0; done < 5; done += 1) {
    await setImmediate()
    expect(begun).toEqual([0, 1, 2, 3, 4].slice(0, done + 2))
    ends[done]!()
  }
  expect((await settled).map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
    'the first',
    ...[1, 2, 3, 4],
  ])
  expect(await turn(async () => 'again')).toBe('again')
})
