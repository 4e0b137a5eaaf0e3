import { expect, test } from 'vitest'
import type { DataType } from '../../core/data-type.ts'
import type { AggregateParameters } from '../aggregate/aggregate.ts'
import type { Expression } from '../expr/expression.ts'
import type { CommandDefinition } from './command-definition.ts'
import type {
  DerivedDefinition,
  EntityDefinition,
  FeatureDefinition,
  FeaturesDefinition,
  LabelDefinition,
  ModelDefinition,
  ModelInput,
  PlainInput,
  ProjectDefinition,
  ReadDefinition,
  RequestDefinition,
  StreamDefinition,
  TableDefinition,
  Window,
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
import type { EncodingDefinition } from './encoding-definition.ts'

// Everything that a definition can say, with another value of it and whether that is another meaning. The types ask for
// every member: a new one does not compile before it is said here what it is.

type KeyOf<Item> = Item extends unknown ? keyof Item : never
type Member<Item, Name> = Item extends unknown ? (Name extends keyof Item ? Item[Name] : never) : never
type Members<Item> = {
  readonly [Name in Exclude<KeyOf<Item>, 'kind'>]-?: readonly [Member<Item, Name>, 'meaning' | 'no meaning']
}
type OfKind<Union, Kind> = Extract<Union, { kind: Kind }>

const number: Expression = { kind: 'column', name: 'amount' }
const one: Expression = { kind: 'literal', type: 'int', value: 1 }
const isLarge: Expression = { kind: 'call', function: 'gt', arguments: [number, one] }
const prose = { owner: ['someone', 'no meaning'], description: ['In words.', 'no meaning'] } as const
const week = { check: 'rowCount', min: 1, severity: 'warn' } as const

const payments: StreamDefinition = {
  kind: 'stream',
  name: 'payments',
  schema: {
    id: { type: 'string' },
    card: { type: 'string' },
    amount: { type: 'number' },
    at: { type: 'timestamp' },
    order: { type: 'int' },
    seen: { type: 'timestamp' },
    fraud: { type: 'bool' },
  },
  key: ['card'],
  id: ['id'],
  time: 'at',
  knownAt: { lag: 0 },
  ahead: 5,
  corrections: { within: 10 },
}
const limits: StreamDefinition = { ...payments, name: 'limits', id: ['card'] }
const card: EntityDefinition = { kind: 'entity', name: 'card', key: { card: { type: 'string' } } }
const spent: FeatureDefinition = {
  aggregate: 'sum',
  argument: number,
  window: { kind: 'exact', length: 60 },
  type: 'number',
}
const spending: FeaturesDefinition = {
  kind: 'features',
  name: 'spending',
  entity: 'card',
  from: 'payments',
  keys: { card: 'card' },
  select: { spent },
  horizon: 60,
  expect: [],
}
const asked: RequestDefinition = { kind: 'request', name: 'asked', select: { amount: number } }
const limit: TableDefinition = {
  kind: 'table',
  name: 'limits',
  key: ['card'],
  validFrom: 'at',
  static: false,
  select: { amount: { type: 'number' } },
}
const ratio: DerivedDefinition = {
  kind: 'derived',
  name: 'ratio',
  reads: { spent: { kind: 'features', name: 'spending', feature: 'spent', keys: { card: 'card' } } },
  select: { ratio: { kind: 'call', function: 'divide', arguments: [{ kind: 'column', name: 'spent' }, number] } },
}
const label: LabelDefinition = {
  from: 'payments',
  expression: { kind: 'column', name: 'fraud' },
  type: 'bool',
  on: { card: 'card' },
  within: 60,
  grace: 0,
  absent: 'exclude',
}
const program: CommandDefinition = {
  kind: 'command',
  run: ['python', 'train.py'],
  parameters: {},
  seed: 7,
  limits: { time: 1e6, memory: 1e9 },
  environment: [],
  reproducible: 'bitwise',
}
const fraud: ModelDefinition = {
  kind: 'model',
  name: 'fraud',
  predicts: 'fraud',
  task: 'binary',
  at: 'payments',
  servingLag: 0,
  features: [{ kind: 'features', name: 'spending', keys: { card: 'card' } }],
  label,
  split: { kind: 'time', train: 3, validate: 1, test: 1 },
  trainer: { kind: 'gbdt', parameters: {} },
  gate: { metric: 'auc', baseline: 'without_windows', champion: { margin: 0 }, segments: [] },
  serve: { modes: ['realtime'], log: 'group' },
  monitor: { psi: 0.1, alpha: 0.05, minimum: 100, performanceDrop: 0.05 },
  retrain: { approval: 'ask' },
  card: {},
}
const named = <Item extends { readonly name: string }>(items: readonly Item[]): Readonly<Record<string, Item>> =>
  Object.fromEntries(items.map((item) => [item.name, item]))
const project: ProjectDefinition = {
  streams: named([payments, limits, { ...payments, name: 'other' }]),
  entities: named([card, { ...card, name: 'other' }]),
  features: named([spending, { ...spending, name: 'other' }]),
  requests: named([asked, { ...asked, name: 'other' }]),
  derived: named([ratio, { ...ratio, name: 'other' }]),
  tables: named([limit, { ...limit, name: 'other' }]),
  models: { fraud },
}

const { schema } = payments
const ofFeature = (feature: FeatureDefinition) => digestOfFeatures({ ...spending, select: { spent: feature } }, project)
const ofWindow = (window: object) => ofFeature({ ...spent, window: window as Window })
const ofRead = (read: object) =>
  digestOfDerived({ ...ratio, reads: { spent: read as ReadDefinition } }, project, schema)
const ofInput = (input: object) => digestOfModel({ ...fraud, features: [input as ModelInput] }, project)
const asInput: PlainInput = { kind: 'features', name: 'spending', keys: { card: 'card' } }
const ofEncoding = (encoding: object) =>
  ofInput({ kind: 'encoded', encoding: encoding as EncodingDefinition, input: asInput })
const withPayments = (stream: StreamDefinition) => ({ ...project, streams: { ...project.streams, payments: stream } })

/** Each way to say something, with its digest and all of its members. */
const said: Readonly<Record<string, readonly [base: object, digest: (of: never) => string, members: object]>> = {}
function say<Item extends object>(
  what: string,
  base: Item,
  digest: (item: Item) => string,
  members: Members<Item>,
): void {
  Object.assign(said, { [what]: [base, digest, members] })
}

say<StreamDefinition>('a stream', payments, digestOfStream, {
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
})
say<StreamDefinition>('a stream that features read', payments, (of) => digestOfFeatures(spending, withPayments(of)), {
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
})
say<DataType>('a column', { type: 'string' }, (amount) => digestOfStream({ ...payments, schema: { amount } }), {
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
})
say<EntityDefinition>('an entity', card, digestOfEntity, {
  ...prose,
  name: ['other', 'meaning'],
  key: [{ card: { type: 'int' } }, 'meaning'],
})
say<FeaturesDefinition>('a group of features', spending, (of) => digestOfFeatures(of, project), {
  ...prose,
  name: ['other', 'meaning'],
  entity: ['other', 'meaning'],
  from: ['other', 'meaning'],
  keys: [{ card: 'id' }, 'meaning'],
  select: [{ other: spent }, 'meaning'],
  horizon: ['lifetime', 'meaning'],
  freshness: [60, 'no meaning'],
  expect: [[week], 'no meaning'],
})
say<FeatureDefinition>('a feature', spent, ofFeature, {
  aggregate: ['mean', 'meaning'],
  argument: [one, 'meaning'],
  parameters: [{ nth: 1 }, 'meaning'],
  where: [isLarge, 'meaning'],
  window: [{ kind: 'lifetime' }, 'meaning'],
  type: ['decimal', 'meaning'],
  scale: [2, 'meaning'],
  description: ['In words.', 'no meaning'],
})
const parameters: Required<AggregateParameters> = {
  ...{ nth: 1, quantile: 0.5, precision: 4, edges: [0, 1], bucket: 0, per: 60, hop: 10, weights: [1, 0.5] },
}
say<AggregateParameters>('parameters', parameters, (of) => ofFeature({ ...spent, parameters: of }), {
  nth: [2, 'meaning'],
  quantile: [0.6, 'meaning'],
  precision: [5, 'meaning'],
  edges: [[0, 2], 'meaning'],
  bucket: [1, 'meaning'],
  per: [61, 'meaning'],
  hop: [11, 'meaning'],
  weights: [[1, 0.6], 'meaning'],
})

const delay = [7, 'meaning'] as const
const windows: { readonly [Kind in Window['kind']]: readonly [object, Members<OfKind<Window, Kind>>] } = {
  exact: [{ length: 60 }, { delay, length: [61, 'meaning'] }],
  hop: [
    { length: 60, hop: 30 },
    { delay, length: [90, 'meaning'], hop: [15, 'meaning'] },
  ],
  lifetime: [{}, { delay }],
  since: [{ from: 0 }, { delay, from: [1, 'meaning'] }],
  calendar: [
    { unit: 'day', zone: 'UTC' },
    { delay, unit: ['week', 'meaning'], zone: ['Europe/Berlin', 'meaning'] },
  ],
  session: [
    { gap: 10, maximum: 60 },
    { delay, gap: [11, 'meaning'], maximum: [61, 'meaning'] },
  ],
  rows: [
    { rows: 5, within: 60 },
    { delay, rows: [6, 'meaning'], within: [61, 'meaning'] },
  ],
}
const encodings: {
  readonly [Kind in EncodingDefinition['kind']]: readonly [object, Members<OfKind<EncodingDefinition, Kind>>]
} = {
  oneHot: [{ most: 5 }, { most: [6, 'meaning'] }],
  ordinal: [{}, { order: [['a'], 'meaning'] }],
  category: [{}, {}],
  target: [{ smoothing: 10 }, { smoothing: [11, 'meaning'] }],
  bucket: [{ quantiles: 4 }, { quantiles: [5, 'meaning'], edges: [[0], 'meaning'] }],
  scale: [{ by: 'standard' }, { by: ['robust', 'meaning'] }],
}
const keys = [{ card: 'id' }, 'meaning'] as const
const name = ['other', 'meaning'] as const
const reads: {
  readonly [Kind in ReadDefinition['kind']]: readonly [object, Members<OfKind<ReadDefinition, Kind>>]
} = {
  features: [
    { name: 'spending', feature: 'spent', keys: { card: 'card' } },
    { name, feature: ['more', 'meaning'], keys },
  ],
  table: [
    { name: 'limits', feature: 'amount', keys: { card: 'card' } },
    { name, feature: ['more', 'meaning'], keys },
  ],
  request: [
    { name: 'asked', feature: 'amount' },
    { name, feature: ['more', 'meaning'] },
  ],
  derived: [
    { name: 'ratio', feature: 'ratio' },
    { name, feature: ['more', 'meaning'] },
  ],
}
const only = [['amount'], 'meaning'] as const
const inputs: { readonly [Kind in ModelInput['kind']]: readonly [object, Members<OfKind<ModelInput, Kind>>] } = {
  features: [
    { name: 'spending', keys: { card: 'card' } },
    { name, only, keys },
  ],
  request: [{ name: 'asked' }, { name, only }],
  derived: [{ name: 'ratio' }, { name, only }],
  table: [
    { name: 'limits', keys: { card: 'card' } },
    { name, only, keys, as: ['other', 'meaning'] },
  ],
  pick: [{ columns: ['amount'] }, { columns: [['card'], 'meaning'] }],
  encoded: [
    { encoding: { kind: 'oneHot', most: 5 }, input: asInput },
    {
      encoding: [{ kind: 'scale', by: 'robust' }, 'meaning'],
      input: [{ kind: 'request', name: 'asked' }, 'meaning'],
    },
  ],
}
for (const [what, kinds, digest] of [
  ['window', windows, ofWindow],
  ['encoding', encodings, ofEncoding],
  ['read', reads, ofRead],
  ['input', inputs, ofInput],
] as const)
  for (const [kind, [base, members]] of Object.entries(kinds))
    Object.assign(said, { [`a ${what} of kind ${kind}`]: [{ kind, ...base }, digest, members] })

say<RequestDefinition>('request features', asked, (of) => digestOfRequest(of, schema), {
  ...prose,
  name: ['other', 'meaning'],
  select: [{ amount: one }, 'meaning'],
})
say<DerivedDefinition>('derived features', ratio, (of) => digestOfDerived(of, project, schema), {
  ...prose,
  name: ['other', 'meaning'],
  reads: [{ spent: { kind: 'request', name: 'asked', feature: 'amount' } }, 'meaning'],
  select: [{ ratio: number }, 'meaning'],
})
say<TableDefinition>('a reference table', limit, (of) => digestOfTable(of, project), {
  ...prose,
  name: ['payments', 'meaning'],
  key: [['id'], 'meaning'],
  validFrom: ['seen', 'meaning'],
  validTo: ['seen', 'meaning'],
  static: [true, 'meaning'],
  select: [{ fraud: { type: 'bool' } }, 'meaning'],
})
say<LabelDefinition>('a label', label, (of) => digestOfModel({ ...fraud, label: of }, project), {
  from: ['other', 'meaning'],
  expression: [isLarge, 'meaning'],
  type: ['int', 'meaning'],
  classes: [['a', 'b', 'c'], 'meaning'],
  on: [{ card: 'id' }, 'meaning'],
  within: [61, 'meaning'],
  grace: [1, 'meaning'],
  absent: [{ value: false }, 'meaning'],
})
say<CommandDefinition>('a program that trains', program, (of) => digestOfModel({ ...fraud, trainer: of }, project), {
  run: [['python', 'other.py'], 'meaning'],
  lock: ['poetry.lock', 'meaning'],
  files: [['lib'], 'meaning'],
  parameters: [{ trees: 3 }, 'meaning'],
  seed: [8, 'meaning'],
  format: ['onnx', 'meaning'],
  environment: [['LICENCE'], 'meaning'],
  container: [`sha256:${'0'.repeat(64)}`, 'meaning'],
  limits: [{ time: 2e6, memory: 2e9 }, 'no meaning'],
  reproducible: [{ metric: 'auc', tolerance: 0.01 }, 'no meaning'],
})
say<ModelDefinition>('a model', fraud, (of) => digestOfModel(of, project), {
  ...prose,
  name: ['other', 'meaning'],
  task: ['regression', 'meaning'],
  at: ['other', 'meaning'],
  time: ['at', 'meaning'],
  servingLag: [1, 'meaning'],
  features: [[], 'meaning'],
  label: [{ ...label, grace: 1 }, 'meaning'],
  split: [{ kind: 'time', train: 4, validate: 1, test: 1 }, 'meaning'],
  trainer: [{ kind: 'gbdt', parameters: { seed: 8 } }, 'meaning'],
  calibration: ['platt', 'meaning'],
  search: [{ kind: 'grid', space: { depth: [4, 6] } }, 'meaning'],
  weights: [{ classes: 'balanced' }, 'meaning'],
  gate: [{ ...fraud.gate, metric: 'brier' }, 'meaning'],
  serve: [{ ...fraud.serve, fallback: 'keep' }, 'meaning'],
  predicts: ['what is no fraud', 'no meaning'],
  monitor: [{ ...fraud.monitor, psi: 0.2 }, 'no meaning'],
  retrain: [{ approval: 'auto' }, 'no meaning'],
  card: [{ limits: 'many' }, 'no meaning'],
  quality: [{ training: [week], serving: [] }, 'no meaning'],
  training: [{ limits: { time: 1 }, tests: false }, 'no meaning'],
  approvals: [{ needed: 1, of: ['anna'] }, 'no meaning'],
  signedBy: [['key'], 'no meaning'],
  protectedAliases: [['champion'], 'no meaning'],
})

for (const [what, [base, digest, members]] of Object.entries(said))
  test(`${what}: every member that has a meaning is a part of the digest, and no other is`, () => {
    const of = (item: object) => digest(item as never)
    const found = Object.entries(members).map(([member, [value]]) => {
      const isChanged = of({ ...base, [member]: value }) !== of(base)
      return [member, isChanged ? 'meaning' : 'no meaning']
    })
    expect(found).toEqual(Object.entries(members).map(([member, [, meaning]]) => [member, meaning]))
    // The order in which members are written has none.
    expect(of(Object.fromEntries(Object.entries(base).toReversed()))).toBe(of(base))
  })

test('kinds that say the same members are told apart', () => {
  const digests = [windows, encodings].map((kinds, index) =>
    Object.entries(kinds).map(([kind, [base]]) => [ofWindow, ofEncoding][index]!({ kind, ...base })),
  )
  for (const ofKinds of digests) expect(new Set(ofKinds).size).toBe(ofKinds.length)
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
