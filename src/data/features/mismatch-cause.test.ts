import { expect, test } from 'vitest'
import type { Value } from '../../core/data-type.ts'
import { HOUR, MINUTE } from '../../core/time.ts'
import { count, last, mean, sum } from '../../language/define/aggregations.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { digestOfFeatures } from '../../language/define/digest.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import { createFeatureEngine } from './feature-engine.ts'
import { causesOf } from './mismatch-cause.ts'
import { createReferenceTables } from './reference-tables.ts'
import type { SeenEvents } from './seen-events.ts'
import { planVector } from './vector.ts'
import { createVectorReader } from './vector-reader.ts'

const payments = stream('payments', {
  key: 'payment',
  time: 'at',
  schema: { payment: t.string(), card: t.string(), amount: t.number(), big: t.bool(), at: t.timestamp() },
})
const spending = features('spending', {
  entity: entity('card', { card: t.string() }),
  from: payments,
  select: {
    spent_1h: sum('amount').over('1h'),
    mean_1d: mean('amount').over('1d'),
    n_2h: count().over('2h'),
    last_amount: last('amount', { ttl: '1h' }),
  },
})
const asked = model('asked', {
  ...{ predicts: 'fraud', at: payments, features: [spending, payments.pick('amount')] },
  label: label(payments, col('big')).on('payment').within('1d').absent(false),
  split: byTime({ train: '9d', validate: '1d', test: '1d' }),
})
const project = collectProject([asked])
const plan = planVector(asked, project)
const { schema } = project.streams['payments']!
const names = Object.keys(schema)
const meaning = { plan, project, schema }
const T = 1_000_000 * HOUR
const question: Readonly<Record<string, Value>> = { payment: 'Q', card: 'A', amount: 3, big: false, at: T }
const row = JSON.stringify(question)

interface Payment {
  readonly id: string
  /** Before T, microseconds. */
  readonly ago: number
  readonly amount: number
  readonly revision?: number
  /** Whether it was superseded by T. */
  readonly superseded?: boolean
}

function batchOf(rows: readonly Payment[]): EventBatch {
  return {
    ...{ stream: 'payments', length: rows.length, generation: 0, id: rows.map(({ id }) => id) },
    offset: Float64Array.from(rows, (_, index) => index),
    partition: new Uint8Array(rows.length),
    eventTime: Float64Array.from(rows, ({ ago }) => T - ago),
    knownAt: Float64Array.from(rows, () => T - 1),
    columns: names.map((name) =>
      name === 'payment' || name === 'card'
        ? rows.map(({ id }) => (name === 'card' ? 'A' : id))
        : Float64Array.from(rows, ({ ago, amount }) => (name === 'amount' ? amount : name === 'at' ? T - ago : 0)),
    ),
    ...(rows.some(({ revision = 0 }) => revision > 0)
      ? {
          revisions: {
            revision: Float64Array.from(rows, ({ revision = 0 }) => revision),
            tombstone: new Uint8Array(rows.length),
          },
        }
      : {}),
  }
}

/** A running group of a platform, with what it is fed. */
function liveOver(rows: readonly Payment[]) {
  const dictionary = createDictionary()
  const defined = {
    digest: digestOfFeatures(project.features['spending']!, project),
    definition: project.features['spending']!,
    stream: project.streams['payments']!,
    entity: project.entities['card']!,
  }
  const engine = createFeatureEngine([defined], dictionary)
  engine.apply(batchOf(rows.map(({ id, ago, amount }) => ({ id, ago, amount }))))
  const tables = createReferenceTables([], dictionary)
  const reader = createVectorReader(plan, [defined.digest], schema, { engine, tables })
  return {
    /** What it serves, asked at a time before T. */
    serve(ago = 0) {
      const asking = names.map((name) => question[name] ?? null)
      if (!reader.read(asking, T - ago)) throw new Error('the state cannot answer')
      return { values: reader.buffer.values.slice(), statuses: reader.buffer.statuses.slice() }
    },
  }
}

/** What the audit says of a vector that was served where the log has `rows`. */
function causeOf(
  served: { readonly values: Float64Array; readonly statuses: Uint8Array },
  rows: readonly Payment[],
  changed: ReadonlySet<number> = new Set(),
): string[] {
  const right = liveOver(rows.filter(({ superseded = false }) => !superseded)).serve()
  const differing = plan.inputs.flatMap((_, input) =>
    Object.is(served.values[input], right.values[input]) && served.statuses[input] === right.statuses[input]
      ? []
      : [input],
  )
  expect(differing.length).toBeGreaterThan(0)
  return [...new Set(causesOf({ ...served, meaning, row, t: T, differing, changed, seen: seenOf(rows) }))]
}

function seenOf(rows: readonly Payment[]): SeenEvents {
  const superseded = Uint8Array.from(rows, (one) => Number(one.superseded ?? false))
  return new Map([['payments', { batch: batchOf(rows), superseded }]])
}

const inOrder: readonly Payment[] = [
  { id: 'P1', ago: 20 * HOUR, amount: 7 },
  { id: 'P2', ago: 100 * MINUTE, amount: 11 },
  { id: 'P3', ago: 50 * MINUTE, amount: 13 },
  { id: 'P4', ago: 30 * MINUTE, amount: 17 },
]
/** It came after payments of later times. */
const late: Payment = { id: 'P5', ago: 40 * MINUTE, amount: 19 }

test('a state that left out what came late is told as late', () => {
  expect(causeOf(liveOver(inOrder).serve(), [...inOrder, late])).toEqual(['late'])
  const later = { id: 'P6', ago: 45 * MINUTE, amount: 23 }
  expect(causeOf(liveOver([...inOrder, late]).serve(), [...inOrder, late, later])).toEqual(['late'])
})

test('a state that missed a correction, or has not taken the last rows yet, is told as late', () => {
  const corrected = [
    ...inOrder.slice(0, 3),
    { ...inOrder[3]!, superseded: true },
    { ...inOrder[3]!, amount: 29, revision: 1 },
  ]
  expect(causeOf(liveOver(inOrder).serve(), corrected)).toEqual(['late'])
  expect(causeOf(liveOver(inOrder.slice(0, 2)).serve(), inOrder)).toEqual(['late'])
})

test('windows that did not slide to the time of the question are told as ttl', () => {
  const leaving = [...inOrder.slice(0, 2), { id: 'P3', ago: 75 * MINUTE, amount: 13 }, ...inOrder.slice(3)]
  expect(causeOf(liveOver(leaving).serve(30 * MINUTE - 1), leaving)).toEqual(['ttl'])
  const quiet = inOrder.map((one) => ({ ...one, ago: one.ago + 5 * HOUR }))
  expect(causeOf(liveOver(quiet).serve(5 * HOUR + 29 * MINUTE), quiet)).toEqual(['ttl'])
})

test('a replay that differs from a live state over the same rows is told as code', () => {
  const served = liveOver(inOrder).serve()
  // What the replay made of them is not what a live state makes of them, then or now.
  expect(
    causesOf({ ...served, meaning, row, t: T, differing: [0], changed: new Set(), seen: seenOf(inOrder) }),
  ).toEqual(['code'])
})

test('an input that means something else than when it was recorded is told as version', () => {
  const served = liveOver(inOrder).serve()
  served.values[0] = 1
  expect(causeOf(served, inOrder, new Set([0]))).toEqual(['version'])
})

test('a state with a row that the log never had, or a value that was changed, is told as corruption', () => {
  const phantom = { id: 'X', ago: 10 * MINUTE, amount: 500 }
  expect(causeOf(liveOver([...inOrder, phantom]).serve(), inOrder)).toEqual(['corruption'])
  const damaged = liveOver(inOrder).serve()
  damaged.values[1]! += 1e-9
  expect(causeOf(damaged, inOrder)).toEqual(['corruption'])
  const unseen = liveOver([phantom]).serve()
  expect(causesOf({ ...unseen, meaning, row, t: T, differing: [0, 2], changed: new Set(), seen: new Map() })).toEqual([
    'corruption',
    'corruption',
  ])
})

test('where there are too many rows to look at, nothing is claimed', () => {
  const served = liveOver(inOrder).serve()
  const vector = { ...served, meaning, row, t: T, differing: [0, 1], seen: undefined }
  expect(causesOf({ ...vector, changed: new Set([1]) })).toEqual(['unknown', 'version'])
})
