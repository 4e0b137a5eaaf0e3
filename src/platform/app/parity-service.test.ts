import { expect, test } from 'vitest'
import { SECOND } from '../../core/time.ts'
import type { AuditParts } from './audit.ts'
import { createParityService } from './parity-service.ts'

test('a turn that fails is made up for by the next, which counts for no more than it covers', async () => {
  const clock = { time: 0, now: () => clock.time, elapsed: () => clock.time }
  const counts = { predictions: 0 }
  const ranges = new Set<string>()
  const reported: boolean[] = []
  let isBroken = false
  // Of the parts of a platform those alone that a turn without predictions in its range touches.
  const parts = {
    ...{ clock, metadata: {}, project: { models: { m: {} } }, audits: { checked: 0, mismatches: 0, unverifiable: 0 } },
    ...{ servings: new Map([['m', { counts, flush: () => undefined }]]), log: { drained: async () => undefined } },
    ...{ shed: { count: () => 0 }, unsampled: { count: () => 0 } },
    parity: { report: async ({ continues }: { continues: boolean }) => void reported.push(continues) },
    predictions: {
      removedRows: () => 0,
      async count({ from, to }: { from: number; to: number }) {
        ranges.add(`${from / SECOND} to ${to / SECOND}`)
        if (isBroken) throw new Error('a file cannot be read')
        return new Map()
      },
      sample: (): readonly never[] => [],
    },
  } as unknown as AuditParts
  const service = createParityService(parts)
  const turn = async (second: number): Promise<void> => {
    clock.time = second * SECOND
    counts.predictions += 1
    await service.advance(clock.time)
  }
  await turn(30)
  isBroken = true
  await expect(turn(60)).rejects.toThrow('a file cannot be read')
  isBroken = false
  await turn(90)
  await turn(120)
  expect([...ranges]).toEqual(['0 to 30', '30 to 60', '30 to 90', '90 to 120'])
  expect(reported).toEqual([true, false, true])
})
