import { expect, test } from 'vitest'
import { createUnderWay } from './under-way.ts'

test('the end waits for all that is under way, well or not, and takes nothing more', async () => {
  const underWay = createUnderWay()
  const first = Promise.withResolvers<string>()
  const second = Promise.withResolvers<string>()
  const running = [underWay.run(() => first.promise), underWay.run(() => second.promise)]
  const failed = expect(running[1]).rejects.toThrow('broken')
  let isOver = false
  const end = underWay.ended().then(() => {
    isOver = true
  })
  expect(underWay.signal.aborted).toBe(true)
  await expect(underWay.run(async () => 'more')).rejects.toMatchObject({ code: 'platform_stopped' })
  first.resolve('done')
  expect(await running[0]).toBe('done')
  expect(isOver).toBe(false)
  second.reject(new Error('broken'))
  await failed
  await end
  expect(isOver).toBe(true)
})
