import { expect, test } from 'vitest'
import { TruelineError } from '../../core/errors.ts'
import { createFaults } from './monitor-faults.ts'

test('a model that cannot be judged is logged once, kept until it can, and no hindrance to others', async () => {
  const logged: unknown[] = []
  const faults = createFaults({ error: (...words: unknown[]) => void logged.push(words) })
  const damaged = (): Promise<void> => Promise.reject(new TruelineError('artifact_corrupt', 'It is damaged.'))
  let others = 0
  for (let turn = 0; turn < 3; turn += 1) {
    await faults.guard('ending', 'monitor', damaged)
    await faults.guard('ending', 'objectives', async () => {})
    await faults.guard('other', 'monitor', async () => {
      others += 1
    })
  }
  expect(others).toBe(3)
  expect(logged).toEqual([
    [{ model: 'ending', code: 'artifact_corrupt' }, 'What is watched of ending could not be judged: It is damaged.'],
  ])
  expect([faults.of('ending'), faults.of('other')]).toEqual(['It is damaged.', undefined])
  await faults.guard('ending', 'monitor', async () => {})
  expect(faults.of('ending')).toBeUndefined()
  await faults.guard('ending', 'monitor', damaged)
  expect(logged).toHaveLength(2)
})
