import { expect, test } from 'vitest'
import type { DataType } from '../../core/data-type.ts'
import type { AggregateParameters } from '../aggregate/aggregate.ts'
import type {
  DerivedDefinition,
  EntityDefinition,
  FeatureDefinition,
  FeaturesDefinition,
  ProjectDefinition,
  RequestDefinition,
  StreamDefinition,
  TableDefinition,
} from './definitions.ts'
import {
  digestOfDerived,
  digestOfEntity,
  digestOfFeatures,
  digestOfModel,
  digestOfRequest,
  digestOfStream,
  digestOfTable,
} from './digest.ts'
import {
  asked,
  card,
  fraud,
  isLarge,
  limit,
  limits,
  meaningsOf,
  number,
  one,
  payments,
  project,
  prose,
  ratio,
  saying,
  schema,
  spending,
  spent,
  turned,
  week,
} from './digest-members.fixture.ts'

const ofFeature = (feature: FeatureDefinition) => digestOfFeatures({ ...spending, select: { spent: feature } }, project)
const withPayments = (stream: StreamDefinition) => ({ ...project, streams: { ...project.streams, payments: stream } })
const parameters: Required<AggregateParameters> = {
  ...{ nth: 1, quantile: 0.5, precision: 4, edges: [0, 1], bucket: 0, per: 60, hop: 10, weights: [1, 0.5] },
}

const sayings = [
  saying<StreamDefinition>('a stream', payments, digestOfStream, {
    ...prose,
    name: ['other', 'meaning'],
    schema: [{ ...schema, more: { type: 'int' } }, 'meaning'],
    key: [['id'], 'meaning'],
    id: [['card'], 'meaning'],
    time: ['seen', 'meaning'],
    sequence: ['order', 'meaning'],
    knownAt: [{ column: 'seen' }, 'meaning'],
    ahead: [6, 'meaning'],
    corrections: [{ within: 11 }, 'meaning'],
    quality: [[{ check: 'notNull', column: 'amount', severity: 'critical' }], 'meaning'],
    madeBy: ['model', 'meaning'],
    rejectBudget: [0.1, 'no meaning'],
  }),
  saying<StreamDefinition>(
    'a stream that features read',
    payments,
    (of) => digestOfFeatures(spending, withPayments(of)),
    {
      ...prose,
      name: ['other', 'meaning'],
      schema: [{ ...schema, amount: { type: 'int' } }, 'meaning'],
      key: [['id'], 'meaning'],
      id: [['card'], 'meaning'],
      time: ['seen', 'meaning'],
      sequence: ['order', 'meaning'],
      knownAt: [{ column: 'seen' }, 'meaning'],
      corrections: [{ within: 11 }, 'meaning'],
      // These say which rows come into the log; what is in it is read as it is.
      ahead: [6, 'no meaning'],
      quality: [[{ check: 'notNull', column: 'amount', severity: 'critical' }], 'no meaning'],
      madeBy: ['model', 'no meaning'],
      rejectBudget: [0.1, 'no meaning'],
    },
  ),
  saying<DataType>('a column', { type: 'string' }, (amount) => digestOfStream({ ...payments, schema: { amount } }), {
    type: ['int', 'meaning'],
    nullable: [true, 'meaning'],
    min: [0, 'meaning'],
    max: [0, 'meaning'],
    scale: [2, 'meaning'],
    maxLength: [9, 'meaning'],
    oneOf: [['a'], 'meaning'],
    unknown: ['null', 'meaning'],
    default: [0, 'meaning'],
    sensitive: [true, 'meaning'],
  }),
  saying<EntityDefinition>('an entity', card, digestOfEntity, {
    ...prose,
    name: ['other', 'meaning'],
    key: [{ card: { type: 'int' } }, 'meaning'],
  }),
  saying<FeaturesDefinition>('a group of features', spending, (of) => digestOfFeatures(of, project), {
    ...prose,
    name: ['other', 'meaning'],
    entity: ['other', 'meaning'],
    from: ['other', 'meaning'],
    keys: [{ card: 'id' }, 'meaning'],
    select: [{ other: spent }, 'meaning'],
    horizon: ['lifetime', 'meaning'],
    freshness: [60, 'no meaning'],
    expect: [[week], 'no meaning'],
  }),
  saying<FeatureDefinition>('a feature', spent, ofFeature, {
    aggregate: ['mean', 'meaning'],
    argument: [one, 'meaning'],
    parameters: [{ nth: 1 }, 'meaning'],
    where: [isLarge, 'meaning'],
    window: [{ kind: 'lifetime' }, 'meaning'],
    type: ['decimal', 'meaning'],
    scale: [2, 'meaning'],
    description: ['In words.', 'no meaning'],
  }),
  saying<AggregateParameters>('parameters', parameters, (of) => ofFeature({ ...spent, parameters: of }), {
    nth: [2, 'meaning'],
    quantile: [0.6, 'meaning'],
    precision: [5, 'meaning'],
    edges: [[0, 2], 'meaning'],
    bucket: [1, 'meaning'],
    per: [61, 'meaning'],
    hop: [11, 'meaning'],
    weights: [[1, 0.6], 'meaning'],
  }),
  saying<RequestDefinition>('request features', asked, (of) => digestOfRequest(of, schema), {
    ...prose,
    name: ['other', 'meaning'],
    select: [{ amount: one }, 'meaning'],
  }),
  saying<DerivedDefinition>('derived features', ratio, (of) => digestOfDerived(of, project, schema), {
    ...prose,
    name: ['other', 'meaning'],
    reads: [{ spent: { kind: 'request', name: 'asked', feature: 'amount' } }, 'meaning'],
    select: [{ ratio: number }, 'meaning'],
  }),
  saying<TableDefinition>('a reference table', limit, (of) => digestOfTable(of, project), {
    ...prose,
    name: ['payments', 'meaning'],
    key: [['id'], 'meaning'],
    validFrom: ['seen', 'meaning'],
    validTo: ['seen', 'meaning'],
    static: [true, 'meaning'],
    select: [{ fraud: { type: 'bool' } }, 'meaning'],
  }),
]

for (const said of sayings)
  test(`${said.what}: every member that has a meaning is a part of the digest, and no other is`, () => {
    const { found, wanted } = meaningsOf(said)
    expect(found).toEqual(wanted)
    // The order in which members are written has none.
    expect(said.digest(turned(said.base))).toBe(said.digest(said.base))
  })

test('of the checks of a stream, the critical ones alone have a meaning', () => {
  const checked = (severity: 'warn' | 'fail' | 'critical') =>
    digestOfStream({ ...payments, quality: [{ check: 'notNull', column: 'amount', severity }] })
  expect(checked('warn')).toBe(digestOfStream(payments))
  expect(checked('fail')).toBe(digestOfStream(payments))
  expect(checked('critical')).not.toBe(digestOfStream(payments))
})

test('what changes in what is read changes what reads it', () => {
  const changed: ProjectDefinition = {
    ...project,
    features: { ...project.features, spending: { ...spending, horizon: 61 } },
  }
  const read = { ...fraud, features: [{ kind: 'derived', name: 'ratio' }] as const }
  expect(digestOfDerived(ratio, changed, schema)).not.toBe(digestOfDerived(ratio, project, schema))
  expect(digestOfModel(read, changed)).not.toBe(digestOfModel(read, project))
  expect(digestOfModel(fraud, changed)).not.toBe(digestOfModel(fraud, project))
  const other = withPayments({ ...limits, corrections: { within: 11 } })
  expect(
    digestOfTable(limit, { ...other, streams: { ...other.streams, limits: other.streams['payments']! } }),
  ).not.toBe(digestOfTable(limit, project))
})
