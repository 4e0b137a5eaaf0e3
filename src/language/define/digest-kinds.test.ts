import { expect, test } from 'vitest'
import type { ModelInput, PlainInput, ReadDefinition, Window } from './definitions.ts'
import { digestOfDerived, digestOfFeatures, digestOfModel } from './digest.ts'
import {
  fraud,
  type Members,
  meaningsOf,
  type OfKind,
  project,
  ratio,
  type Saying,
  schema,
  spending,
  spent,
  turned,
} from './digest-members.fixture.ts'
import type { EncodingDefinition } from './encoding-definition.ts'

const ofWindow = (window: object) =>
  digestOfFeatures({ ...spending, select: { spent: { ...spent, window: window as Window } } }, project)
const ofRead = (read: object) =>
  digestOfDerived({ ...ratio, reads: { spent: read as ReadDefinition } }, project, schema)
const ofInput = (input: object) => digestOfModel({ ...fraud, features: [input as ModelInput] }, project)
const asInput: PlainInput = { kind: 'features', name: 'spending', keys: { card: 'card' } }
const ofEncoding = (encoding: object) =>
  ofInput({ kind: 'encoded', encoding: encoding as EncodingDefinition, input: asInput })

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

const sayings: readonly Saying[] = (
  [
    ['window', windows, ofWindow],
    ['encoding', encodings, ofEncoding],
    ['read', reads, ofRead],
    ['input', inputs, ofInput],
  ] as const
).flatMap(([what, kinds, digest]) =>
  Object.entries(kinds).map(([kind, [base, members]]) => ({
    ...{ what: `a ${what} of kind ${kind}`, base: { kind, ...base }, digest, members },
  })),
)

for (const said of sayings)
  test(`${said.what}: every member that has a meaning is a part of the digest, and no other is`, () => {
    const { found, wanted } = meaningsOf(said)
    expect(found).toEqual(wanted)
    // The order in which members are written has none.
    expect(said.digest(turned(said.base))).toBe(said.digest(said.base))
  })

test('kinds that say the same members are told apart', () => {
  const digests = [windows, encodings].map((kinds, index) =>
    Object.entries(kinds).map(([kind, [base]]) => [ofWindow, ofEncoding][index]!({ kind, ...base })),
  )
  for (const ofKinds of digests) expect(new Set(ofKinds).size).toBe(ofKinds.length)
})
