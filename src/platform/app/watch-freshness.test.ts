import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../core/time.ts'
import type { EngineGroup } from '../../data/features/feature-engine.ts'
import { createFreshnessWatch } from './watch-freshness.ts'

test('a group that becomes older than it promises, and is fresh again, is each written down once', () => {
  const told: string[] = []
  const log = { error: () => undefined, warn: write('warn'), info: write('info') }
  function write(level: string) {
    return (fields: object, message: string) => void told.push(`${level} ${JSON.stringify(fields)} ${message}`)
  }
  const group = (name: string, freshness: number | undefined, knownAt: number, position: number) =>
    ({ definition: { name, freshness }, live: { position }, knownAt }) as EngineGroup
  let groups = [group('orders', 10 * MINUTE, 0, 7), group('returns', undefined, -Infinity, -1)]
  const watch = createFreshnessWatch(() => groups, log)
  for (const now of [0, 9 * MINUTE, 11 * MINUTE, 12 * MINUTE]) watch(now)
  const late = 'Features of orders are degraded: its newest event became known 11m ago, and 10m is promised.'
  expect(told).toEqual([`warn {"group":"orders","position":7,"age":660} ${late}`])
  groups = [group('orders', 10 * MINUTE, 13 * MINUTE, 8), group('visits', MINUTE, -Infinity, -1)]
  watch(13 * MINUTE + SECOND)
  watch(20 * MINUTE)
  expect(told.slice(1)).toEqual([
    'info {"group":"orders","position":8,"age":1} Features of orders are fresh again: its newest event became known 1s ago, and 10m is promised.',
    'warn {"group":"visits","position":-1} Features of visits are degraded: it has no event yet, and 1m is promised.',
  ])
})
