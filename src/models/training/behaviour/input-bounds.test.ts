import { expect, test } from 'vitest'
import { t } from '../../../language/define/column-types.ts'
import type { FeatureDefinition } from '../../../language/define/definitions.ts'
import { boundsOfFeature } from './input-bounds.ts'

const schema = { amount: t.number({ min: 2, max: 9 }), change: t.number({ min: -3 }), free: t.number() }

function feature(aggregate: FeatureDefinition['aggregate'], column?: string): FeatureDefinition {
  return {
    ...{ aggregate, window: { kind: 'lifetime' } as FeatureDefinition['window'], type: 'number' },
    ...(column === undefined ? {} : { argument: { kind: 'column', name: column } }),
  }
}

test.each([
  [feature('count'), { min: 0 }],
  [feature('timeSinceLast'), { min: 0 }],
  [feature('stddev', 'change'), { min: 0 }],
  [feature('share', 'free'), { min: 0, max: 1 }],
  [feature('mean', 'amount'), { min: 2, max: 9 }],
  [feature('last', 'change'), { min: -3 }],
  [feature('sum', 'amount'), { min: 0 }],
  [feature('sum', 'change'), {}],
  [feature('max', 'free'), {}],
  [feature('skewness', 'amount'), {}],
])('%j is bounded by what its aggregate can give of its column', (definition, bounds) => {
  expect(boundsOfFeature(definition, schema)).toEqual(bounds)
})
