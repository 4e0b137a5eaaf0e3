import type { Expression } from '../expr/expression.ts'
import type { CommandDefinition } from './command-definition.ts'
import type {
  DerivedDefinition,
  EntityDefinition,
  FeatureDefinition,
  FeaturesDefinition,
  LabelDefinition,
  ModelDefinition,
  ProjectDefinition,
  RequestDefinition,
  StreamDefinition,
  TableDefinition,
} from './definitions.ts'

type KeyOf<Item> = Item extends unknown ? keyof Item : never
type Member<Item, Name> = Item extends unknown ? (Name extends keyof Item ? Item[Name] : never) : never
/**
 * Everything that a definition can say, with another value of it and whether that is another meaning. The types ask for
 * every member: a new one does not compile before it is said here what it is.
 */
export type Members<Item> = {
  readonly [Name in Exclude<KeyOf<Item>, 'kind'>]-?: readonly [Member<Item, Name>, 'meaning' | 'no meaning']
}
export type OfKind<Union, Kind> = Extract<Union, { kind: Kind }>

export const number: Expression = { kind: 'column', name: 'amount' }
export const one: Expression = { kind: 'literal', type: 'int', value: 1 }
export const isLarge: Expression = { kind: 'call', function: 'gt', arguments: [number, one] }
export const prose = { owner: ['someone', 'no meaning'], description: ['In words.', 'no meaning'] } as const
export const week = { check: 'rowCount', min: 1, severity: 'warn' } as const

export const payments: StreamDefinition = {
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
export const limits: StreamDefinition = { ...payments, name: 'limits', id: ['card'] }
export const card: EntityDefinition = { kind: 'entity', name: 'card', key: { card: { type: 'string' } } }
export const spent: FeatureDefinition = {
  aggregate: 'sum',
  argument: number,
  window: { kind: 'exact', length: 60 },
  type: 'number',
}
export const spending: FeaturesDefinition = {
  kind: 'features',
  name: 'spending',
  entity: 'card',
  from: 'payments',
  keys: { card: 'card' },
  select: { spent },
  horizon: 60,
  expect: [],
}
export const asked: RequestDefinition = { kind: 'request', name: 'asked', select: { amount: number } }
export const limit: TableDefinition = {
  kind: 'table',
  name: 'limits',
  key: ['card'],
  validFrom: 'at',
  static: false,
  select: { amount: { type: 'number' } },
}
export const ratio: DerivedDefinition = {
  kind: 'derived',
  name: 'ratio',
  reads: { spent: { kind: 'features', name: 'spending', feature: 'spent', keys: { card: 'card' } } },
  select: { ratio: { kind: 'call', function: 'divide', arguments: [{ kind: 'column', name: 'spent' }, number] } },
}
export const label: LabelDefinition = {
  from: 'payments',
  expression: { kind: 'column', name: 'fraud' },
  type: 'bool',
  on: { card: 'card' },
  within: 60,
  grace: 0,
  absent: 'exclude',
}
export const program: CommandDefinition = {
  kind: 'command',
  run: ['python', 'train.py'],
  parameters: {},
  seed: 7,
  limits: { time: 1e6, memory: 1e9 },
  environment: [],
  reproducible: 'bitwise',
}
export const fraud: ModelDefinition = {
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
export const project: ProjectDefinition = {
  streams: named([payments, limits, { ...payments, name: 'other' }]),
  entities: named([card, { ...card, name: 'other' }]),
  features: named([spending, { ...spending, name: 'other' }]),
  requests: named([asked, { ...asked, name: 'other' }]),
  derived: named([ratio, { ...ratio, name: 'other' }]),
  tables: named([limit, { ...limit, name: 'other' }]),
  models: { fraud },
}

export const { schema } = payments

/** A way to say something, with its digest and all of its members. */
export interface Saying {
  readonly what: string
  readonly base: object
  readonly digest: (item: object) => string
  readonly members: object
}

export function saying<Item extends object>(
  what: string,
  base: Item,
  digest: (item: Item) => string,
  members: Members<Item>,
): Saying {
  return { what, base, digest: digest as Saying['digest'], members }
}

/** Of each member whether another value of it is another digest, as it is found and as it is said. */
export function meaningsOf({ base, digest, members }: Saying) {
  const entries: readonly (readonly [string, readonly [value: unknown, meaning: string]])[] = Object.entries(members)
  const found = entries.map(([member, [value]]) => {
    const isChanged = digest({ ...base, [member]: value }) !== digest(base)
    return [member, isChanged ? 'meaning' : 'no meaning']
  })
  return { found, wanted: entries.map(([member, [, meaning]]) => [member, meaning]) }
}

/** The same with its members written in the opposite order. */
export function turned(base: object): object {
  return Object.fromEntries(Object.entries(base).toReversed())
}
