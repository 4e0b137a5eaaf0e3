import { expect, test } from 'vitest'
import { count, mean } from '../../language/define/aggregations.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { derived, feature } from '../../language/define/derived.ts'
import { encode } from '../../language/define/encode.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col, req } from '../../language/define/terms.ts'
import { planVector, type Variant } from './vector.ts'

const trips = stream('trips', {
  key: 'trip',
  time: 'at',
  schema: { trip: t.string(), from: t.string(), to: t.string(), miles: t.int(), late: t.bool(), at: t.timestamp() },
})
const place = entity('place', { place: t.string() })
const delays = features('delays', {
  entity: place,
  from: trips,
  keys: { place: 'from' },
  select: { mean_1h: mean('miles').over('1h'), n_1h: count().over('1h') },
})
const here = delays.on({ place: 'from' })
const there = delays.on({ place: 'to' })
const ratios = derived('ratios', {
  select: {
    ends: feature(here, 'mean_1h').divide(feature(there, 'mean_1h')),
    long: req('miles').gt(100),
  },
})
const twice = derived('twice', { select: { ends: feature(ratios, 'ends').multiply(2) } })

function planned(inputs: Parameters<typeof model<typeof trips.schema>>[1]['features'], variant: Variant = 'full') {
  const asked = model('asked', {
    ...{ predicts: 'lateness', at: trips, features: inputs },
    label: label(trips, col('late')).on('trip').within('1d').absent(false),
    split: byTime({ train: '9d', validate: '1d', test: '1d' }),
  })
  const plan = planVector(asked, collectProject([asked]), variant)
  const all = [...plan.inputs, ...plan.operands]
  return {
    inputs: plan.inputs.map(({ name }) => name),
    operands: plan.operands.map(({ name }) => name),
    groups: plan.groups.map(({ rowColumns }) => rowColumns),
    columns: plan.columns.map(({ input, encoding }) => [plan.inputs[input]!.name, encoding?.kind]),
    /** What each derived value reads, in the order in which they are computed. */
    derived: plan.derived.map((at) => {
      const { name, source } = all[at]!
      return [name, source.kind === 'derived' ? source.reads.map((read) => all[read.at]!.name) : []]
    }),
  }
}

test('what only derived features read is computed beside the vector, each value once, and before what reads it', () => {
  expect(planned([twice, ratios, here.pick('mean_1h'), trips.pick('miles')])).toEqual({
    inputs: ['twice.ends', 'ratios.ends', 'ratios.long', 'delays.mean_1h', 'miles'],
    operands: ['delays(to).mean_1h'],
    groups: [['from'], ['to']],
    columns: [
      ['twice.ends', undefined],
      ['ratios.ends', undefined],
      ['ratios.long', undefined],
      ['delays.mean_1h', undefined],
      ['miles', undefined],
    ],
    derived: [
      ['ratios.ends', ['delays.mean_1h', 'delays(to).mean_1h']],
      ['twice.ends', ['ratios.ends']],
      ['ratios.long', ['miles']],
    ],
  })
})

test('without windows a vector keeps what reads none, derived or encoded', () => {
  const inputs = [twice, ratios, here, encode.scale(trips.pick('miles'), 'robust'), encode.oneHot(trips.pick('to'))]
  expect(planned(inputs, 'without_windows')).toMatchObject({
    inputs: ['ratios.long', 'miles', 'to'],
    operands: [],
    groups: [],
    columns: [
      ['ratios.long', undefined],
      ['miles', 'scale'],
      ['to', 'oneHot'],
    ],
  })
})

test('a value that is taken as it is and encoded is one input', () => {
  const inputs = [
    trips.pick('miles'),
    encode.bucket(trips.pick('miles'), { edges: [5] }),
    encode.ordinal(ratios.pick('long')),
  ]
  expect(planned(inputs)).toMatchObject({
    inputs: ['miles', 'ratios.long'],
    columns: [
      ['miles', undefined],
      ['miles', 'bucket'],
      ['ratios.long', 'ordinal'],
    ],
  })
})
