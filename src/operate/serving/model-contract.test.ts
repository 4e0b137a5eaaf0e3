import { expect, test } from 'vitest'
import { planVector } from '../../data/features/vector.ts'
import { count } from '../../language/define/aggregations.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { request } from '../../language/define/request.ts'
import { stream } from '../../language/define/stream.ts'
import { col, req } from '../../language/define/terms.ts'
import { contractOf, decodeContract, encodeContract, rowSchemaOf } from './model-contract.ts'

test('a row that asks needs what the model reads, whichever of its variants serves: keys, picks, request columns and key of the outcome', () => {
  const trips = stream('trips', {
    ...{ key: 'trip', time: 'ended' },
    schema: {
      ...{
        trip: t.string(),
        rider: t.string(),
        fare: t.number(),
        rating: t.int(),
        started: t.timestamp(),
        note: t.string(),
      },
      ended: t.timestamp(),
    },
  })
  const rider = entity('rider', { person: t.string() })
  const ridden = features('ridden', {
    ...{ entity: rider, from: trips, keys: { person: 'rider' }, select: { trips_7d: count().over('7d') } },
  })
  const hour = request('hour', { hour: req('started').hour('UTC') })
  const tips = model('tips', {
    ...{ predicts: 'a tip', at: trips, features: [ridden.on({ person: 'rider' }), hour, trips.pick('fare')] },
    label: label(trips, col('rating').gt(3)).on('trip').within('1d').absent('exclude'),
    split: byTime({ train: '7d', validate: '1d', test: '1d' }),
  })
  const project = collectProject([tips])
  for (const variant of ['full', 'without_windows'] as const) {
    const contract = contractOf(tips, project, planVector(tips, project, variant))
    const { columns } = contract.request
    expect(Object.keys(columns).filter((name) => columns[name]!.missing === 'refuse')).toEqual([
      ...['fare', 'rider', 'started', 'trip'],
    ])
    const schema = rowSchemaOf(contract)
    expect(Object.keys(schema)).toEqual(Object.keys(trips.schema))
    for (const [name, type] of Object.entries(schema)) {
      const { nullable, ...rest } = type
      expect(rest).toEqual(trips.schema[name as keyof typeof trips.schema])
      expect(nullable === true).toBe(columns[name]!.missing === 'null')
    }
    expect(decodeContract(encodeContract(contract))).toEqual(contract)
  }
})
