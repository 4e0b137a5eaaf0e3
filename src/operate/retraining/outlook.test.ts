import { expect, test } from 'vitest'
import { digestOf } from '../../core/digest.ts'
import { HOUR, parseTime } from '../../core/time.ts'
import { outlookOf } from './outlook.ts'
import { nothingRemembered, rememberRun } from './retraining-memory.ts'

test('labels are told as the trigger counts them: from the last run on, and anew for a version that serves since', () => {
  const at = parseTime('2025-03-03T10:00:00Z')
  const digest = digestOf('x')
  const run = { at, trigger: 'labels', window: 'w', key: digest, root: digest, champion: 1, labels: 500 } as const
  const memory = rememberRun(nothingRemembered, { ...run, status: 'done' }, 0)
  const continuous = { every: HOUR, labels: 50, guard: { shift: 1, drop: 1 }, canary: { margin: 0, within: HOUR } }
  const told = (labels: number | undefined, champion: number) =>
    outlookOf({ approval: 'ask', onNewLabels: 100, continuous }, memory, labels, champion).map(
      ({ sentence }) => sentence,
    )
  expect(told(530, 1)).toEqual([
    '100 labels must be new; 30 are.',
    '50 labels must be new; 30 are, and a step may come from 2025-03-03T11:00:00Z on.',
  ])
  expect(told(70, 2)[0]).toBe('100 labels must be new; 70 are.')
  expect(told(undefined, 2)[0]).toBe('100 labels must be new; none were counted yet.')
})
