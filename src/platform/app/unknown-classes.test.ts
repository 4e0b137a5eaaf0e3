import { expect, test } from 'vitest'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import { outcomeReader } from './outcome-reader.ts'
import { unknownClasses } from './unknown-classes.ts'

/** Code, reason and row of the letters that come of outcomes. */
function letters(states: readonly (string | null)[], isSensitive = false, classes = ['late', 'damaged', 'fine']) {
  const parcels = stream('parcels', {
    ...{ key: 'parcel', time: 'at' },
    schema: {
      ...{ parcel: t.string(), weight: t.number(), at: t.timestamp() },
      state: t.string({ nullable: true, sensitive: isSensitive }),
    },
  })
  const ending = model('ending', {
    ...{ predicts: 'how a parcel ends', at: parcels, features: [parcels.pick('weight')] },
    label: label(parcels, col('state'), { classes }).on('parcel').within('1d').absent('exclude'),
    split: byTime({ train: '7d', validate: '1d', test: '1d' }),
  })
  const project = collectProject([ending])
  const { length } = states
  const times = Float64Array.from(states, (_, row) => row)
  const keys = states.map((_, row) => `P${row}`)
  const columns: Readonly<Record<string, EventBatch['columns'][number]>> = {
    ...{ parcel: keys, weight: times, at: times, state: [...states] },
  }
  const batch: EventBatch = {
    ...{ stream: 'parcels', length, generation: 0, partition: new Uint8Array(length), id: keys },
    ...{ offset: times, eventTime: times, knownAt: times },
    columns: Object.keys(project.streams['parcels']!.schema).map((name) => columns[name]!),
  }
  return unknownClasses(project, ending, [...outcomeReader(ending, project)(batch)]).map(({ code, reason, row }) => ({
    ...{ code, reason },
    row: JSON.parse(row) as unknown,
  }))
}

test('an outcome that is no class is told with what it says, the classes and the one most likely meant', () => {
  expect(letters(['fine', 'fien', null, 'lost'])).toEqual([
    {
      code: 'unknown_class',
      reason: "The outcome 'fien' is none of the classes of 'ending': 'late', 'damaged', 'fine'. Did you mean 'fine'?",
      row: { id: 'P1', event_time: 1, outcome: 'fien' },
    },
    expect.objectContaining({
      reason: "The outcome 'lost' is none of the classes of 'ending': 'late', 'damaged', 'fine'.",
    }),
  ])
})

test('what may be sensitive is not told, nor what it is near to', () => {
  expect(letters(['fien'], true)).toEqual([
    {
      code: 'unknown_class',
      reason: "The outcome '***' is none of the classes of 'ending': 'late', 'damaged', 'fine'.",
      row: { id: 'P0', event_time: 0, outcome: '***' },
    },
  ])
})

test('long outcomes are cut, and of many classes the first are named', () => {
  const many = Array.from({ length: 23 }, (_, number) => `class ${String.fromCodePoint(97 + number).repeat(9)}`)
  const [letter] = letters(['x'.repeat(5000)], false, many)
  expect(letter?.reason).toContain(`'${'x'.repeat(200)}…'`)
  expect(letter?.reason).toContain("ttttttttt' and 3 more.")
  expect(letter?.row).toMatchObject({ outcome: `${'x'.repeat(200)}…` })
})
