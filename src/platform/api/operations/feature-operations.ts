import { Type } from 'typebox'
import { limit, offset, time } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const featureOperations = {
  features: operation({
    method: 'GET',
    path: '/api/v1/features',
    summary: 'A page of the catalogue of features: meaning, owner, freshness, state, consumers and parity of each',
    input: Type.Object({
      search: Type.Optional(
        Type.String({ maxLength: 200, description: 'Words that name, description, owner or logic must have' }),
      ),
      limit,
      offset,
    }),
    run: (platform, input) => platform.features(input),
  }),
  feature: operation({
    method: 'GET',
    path: '/api/v1/features/{feature}',
    summary: 'One feature of the catalogue, with the distribution of its values in training and now',
    input: Type.Object({ feature: Type.String({ description: '`group.feature`, or the id of an older one' }) }),
    run: (platform, input) => platform.feature(input.feature),
  }),
  featureVector: operation({
    method: 'POST',
    path: '/api/v1/features/{group}/read',
    summary: "An entity's features now, or at a time, with how fresh they are",
    input: Type.Object({ group: Type.String(), key: Type.Record(Type.String(), Type.Unknown()), at: time }),
    run: async (platform, { group, key, at }) => {
      const keys = Object.fromEntries(Object.entries(key).map(([column, value]) => [column, [value]]))
      const { t, freshness, features } = await platform.retrieve({ features: [group], keys, at })
      return {
        t,
        freshness: freshness[0],
        features: features.map(({ name, values, statuses }) => ({
          name: name.slice(group.length + 1),
          value: values[0],
          status: statuses[0],
        })),
      }
    },
  }),
  retrieve: operation({
    method: 'POST',
    path: '/api/v1/features/retrieve',
    summary: 'Features of many entities, now or at a time, column by column, with how fresh they are',
    input: Type.Object({
      features: Type.Array(Type.String(), { minItems: 1, description: '`group` or `group.feature`' }),
      keys: Type.Record(Type.String(), Type.Array(Type.Unknown(), { maxItems: 10_000 }), {
        description: 'By key column, the value of each entity',
      }),
      at: time,
    }),
    run: (platform, input) => platform.retrieve(input),
  }),
} satisfies Record<string, Operation>
