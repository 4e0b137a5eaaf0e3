import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { allInTurn } from './all-in-turn.ts'

test('all work is done in its order, and what failed first is told when the last is done', async () => {
  const done: string[] = []
  const later =
    (name: string, fails = false) =>
    async (): Promise<void> => {
      await setImmediate()
      done.push(name)
      if (fails) throw new Error(name)
    }
  const atOnce = (): never => {
    done.push('b')
    throw new Error('b')
  }
  await expect(allInTurn([later('a'), atOnce, later('c', true), later('d')])).rejects.toThrow(/^b$/)
  expect(done).toEqual(['a', 'b', 'c', 'd'])
  await allInTurn([later('e')])
  expect(done.at(-1)).toBe('e')
})
