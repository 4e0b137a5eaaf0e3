import { expect, test } from 'vitest'
import { MINUTE } from '../../core/time.ts'
import type { AlertDesk } from './alert-desk.ts'
import { createRequestMonitor } from './request-monitor.ts'

test('requests that get no prediction for two minutes of three are an alert, until none was lost for a quarter of an hour', async () => {
  const notices: string[] = []
  const desk: AlertDesk = {
    raise: async ({ model, kind, title }) => void notices.push(`${model} ${kind}: ${title}`),
    resolve: async ({ kind }) => void notices.push(`resolve ${kind}`),
  }
  const lost = { shed: 0, deadlineExceeded: 0 }
  const monitor = createRequestMonitor(desk, lost, 0)
  let now = 0
  const pass = async (shed: number, late: number): Promise<void> => {
    lost.shed += shed
    lost.deadlineExceeded += late
    await monitor.advance(now + MINUTE / 2)
    now += MINUTE
    await monitor.advance(now)
  }
  await pass(0, 0)
  await pass(5, 0)
  expect(notices).toEqual([])
  await pass(3, 1)
  expect(notices).toEqual([
    'serving requests_lost: 4 requests got no prediction within a minute: 3 were refused because too many waited, 1 came too late.',
  ])
  await pass(0, 7)
  expect(notices.at(-1)).toBe('serving requests_lost: 7 requests got no prediction within a minute: 7 came too late.')
  for (let minute = 0; minute < 14; minute += 1) await pass(0, 0)
  expect(notices).toHaveLength(2)
  await pass(0, 0)
  expect(notices.at(-1)).toBe('resolve requests_lost')
})
