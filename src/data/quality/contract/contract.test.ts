import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { canonicalJson } from '../../../core/canonical.ts'
import {
  columnExists,
  completeness,
  distinctRatio,
  freshness,
  rowCount,
  unique,
  uniqueTogether,
} from '../../../language/define/batch-checks.ts'
import { t } from '../../../language/define/column-types.ts'
import type { StreamDefinition } from '../../../language/define/definitions.ts'
import { between, holds, inSet, matches, missingTokens, notNull } from '../../../language/define/row-checks.ts'
import { stream } from '../../../language/define/stream.ts'
import { col, when } from '../../../language/define/terms.ts'
import { exportContract } from './export-contract.ts'
import { importContract } from './import-contract.ts'
import { countBounds, toleranceOf } from './operators.ts'
import { streamsSource } from './stream-source.ts'

const orders = stream('orders', {
  key: 'customer',
  time: 'at',
  id: ['order', 'line'],
  sequence: 'line',
  knownAt: { lag: '10m' },
  owner: 'shop',
  description: 'Lines of orders',
  rejectBudget: 0.02,
  schema: {
    at: t.timestamp(),
    customer: t.string({ maxLength: 20 }),
    email: t.string({ nullable: true, sensitive: true }),
    line: t.int({ min: 0, max: 99 }),
    order: t.string(),
    paid: t.bool({ nullable: true }),
    price: t.decimal({ scale: 2, min: 0 }),
    size: t.string({ oneOf: ['S', 'M'] }),
    tier: t.string({ oneOf: ['gold'], unknown: 'null', nullable: true }),
    weight: t.number({ nullable: true }),
  },
  quality: [
    notNull('weight').exceptRows(10),
    completeness('paid').atLeast(0.98),
    missingTokens('order', ['', 'N/A']),
    inSet('size', ['S', 'M']).warn(),
    matches('customer', '^C[0-9]+$').mostly(0.99),
    unique('order').exceptRows(3),
    uniqueTogether('order', 'line'),
    rowCount().between(1, 1000),
    between('price', 0, 500).critical(),
    freshness('at').within('2h'),
    distinctRatio('order').atLeast(0.5),
    columnExists('paid'),
    holds(col('weight').gt(0).or(col('paid'))).warn(),
    holds(when(col('paid'), col('weight').gt(0), true)).warn(),
  ],
})

/** The stream that a contract's only table describes. */
function importedStream(text: string): StreamDefinition {
  const { streams, unmapped } = importContract(text)
  expect(unmapped).toEqual([])
  const { name, schema, quality, rest } = streams[0]!
  const { oneOf, unknown, ...members } = rest ?? {}
  return { ...members, kind: 'stream', name, schema, quality, description: streams[0]!.description } as StreamDefinition
}

const byText = (checks: readonly object[] | undefined) => (checks ?? []).map(canonicalJson).sort()

test('what is exported is imported as the same stream', () => {
  const text = exportContract(orders)
  const { quality, ...back } = importedStream(text)
  const { quality: before, ...rest } = orders
  expect(back).toEqual(rest)
  expect(byText(quality)).toEqual(byText(before))
  expect(exportContract({ ...back, quality } as StreamDefinition)).toBe(
    exportContract({ ...orders, quality } as StreamDefinition),
  )
})

test('metrics of the standard are used for what they can say', () => {
  const contract = parse(exportContract(orders)) as {
    apiVersion: string
    schema: { properties: { name: string; quality?: object[] }[]; quality: object[] }[]
  }
  expect(contract.apiVersion).toBe('v3.1.0')
  const rulesOf = (column: string) => contract.schema[0]!.properties.find(({ name }) => name === column)!.quality
  expect(rulesOf('weight')).toEqual([
    { metric: 'nullValues', mustBeLessOrEqualTo: 10, unit: 'rows', severity: 'error' },
  ])
  expect(rulesOf('paid')![0]).toEqual({
    metric: 'nullValues',
    mustBeLessOrEqualTo: 2,
    unit: 'percent',
    severity: 'error',
  })
  expect(rulesOf('size')).toEqual([
    { metric: 'invalidValues', arguments: { validValues: ['S', 'M'] }, mustBe: 0, severity: 'warning' },
  ])
  expect(rulesOf('price')).toEqual([
    expect.objectContaining({ type: 'custom', engine: 'trueline', severity: 'critical' }),
  ])
  expect(contract.schema[0]!.quality[1]).toEqual({
    metric: 'rowCount',
    mustBeBetween: [0, 1001],
    severity: 'error',
  })
})

test('a rule has one operator, as the schema of the standard demands', () => {
  for (const check of [
    rowCount().between(5, 9),
    rowCount().between(7, 7),
    rowCount().atLeast(3),
    rowCount().atMost(4),
  ]) {
    const quality = [check]
    const text = exportContract({ ...orders, quality })
    const contract = parse(text) as { schema: [{ quality: Record<string, unknown>[] }] }
    expect(Object.keys(contract.schema[0].quality[0]!).filter((name) => name.startsWith('must'))).toHaveLength(1)
    expect(byText(importedStream(text).quality)).toEqual(byText(quality))
  }
})

test('mustBeBetween leaves out both of its ends', () => {
  expect(countBounds({ mustBeBetween: [100, 120] })).toEqual({ min: 101, max: 119 })
  expect(countBounds({ mustBeGreaterThan: 100, mustBeLessThan: 120 })).toEqual({ min: 101, max: 119 })
  expect(countBounds({ mustBeBetween: [99.5, 120.5] })).toEqual({ min: 100, max: 120 })
  expect(countBounds({ mustBe: 7 })).toEqual({ min: 7, max: 7 })
  expect(countBounds({ mustNotBeBetween: [1, 2] })).toBeUndefined()
})

test.each([
  [{ mustBe: 0 }, 'rows', 'none'],
  [{ mustBe: 3 }, 'rows', undefined],
  [{ mustBeLessThan: 10 }, 'rows', { rows: 9 }],
  [{ mustBeLessThan: 1 }, 'rows', 'none'],
  [{ mustBeLessThan: 0 }, 'rows', undefined],
  [{ mustBeLessOrEqualTo: 10 }, 'rows', { rows: 10 }],
  [{ mustBeBetween: [-1, 10] }, 'rows', { rows: 9 }],
  [{ mustBeBetween: [0, 10] }, 'rows', undefined],
  [{ mustBeGreaterThan: 5 }, 'rows', undefined],
  [{ mustBeLessThan: 1 }, 'percent', { share: 0.01, below: true }],
  [{ mustBeLessOrEqualTo: 5 }, 'percent', { share: 0.05 }],
  [{ mustBe: 0 }, 'percent', 'none'],
  [{ mustBeGreaterThan: 5 }, 'percent', undefined],
  [{ mustNotBe: 0 }, 'percent', undefined],
] as const)('of rows that breach, %j in %s means %j', (operators, unit, tolerance) => {
  expect(toleranceOf(operators, unit)).toEqual(tolerance)
})

const foreign = `
apiVersion: v3.1.0
kind: DataContract
id: 53581432-6c55-4ba2-a65f-72344a91553a
name: seller payments
version: 1.1.0
status: active
servers:
  - server: production
    type: postgres
slaProperties:
  - property: latency
    value: 4
schema:
  - name: payments
    description: What sellers were paid
    tags: [finance]
    properties:
      - name: payment_id
        logicalType: string
        primaryKey: true
        quality:
          - metric: duplicateValues
            mustBe: 0
            dimension: uniqueness
      - name: paid_on
        logicalType: timestamp
        required: true
      - name: email
        logicalType: string
        classification: restricted
        quality:
          - metric: missingValues
            arguments: { missingValues: [null, '', 'N/A'] }
            mustBeLessThan: 100
          - type: text
            description: The address was verified.
      - name: unit
        logicalType: string
        logicalTypeOptions: { maxLength: 6, minLength: 2 }
        quality:
          - metric: invalidValues
            arguments: { validValues: [pounds, kg] }
            mustBeLessThan: 5
            unit: percent
            severity: warning
          - metric: nullValues
            mustBeGreaterThan: 5
      - name: amount
        logicalType: number
        physicalType: decimal(12, 2)
      - name: lines
        logicalType: array
    quality:
      - metric: rowCount
        mustBeBetween: [100, 120]
      - type: sql
        query: SELECT 1
        mustBe: 1
`

test('a contract from elsewhere becomes a stream with checks, and what has no counterpart is listed', () => {
  const { streams, unmapped } = importContract(foreign)
  expect(streams).toHaveLength(1)
  expect(streams[0]).toMatchObject({
    name: 'payments',
    key: ['payment_id'],
    time: 'paid_on',
    schema: {
      payment_id: { type: 'string' },
      paid_on: { type: 'timestamp' },
      email: { type: 'string', nullable: true, sensitive: true },
      unit: { type: 'string', nullable: true, maxLength: 6 },
      amount: { type: 'decimal', scale: 2, nullable: true },
    },
  })
  expect(unmapped.map(({ path }) => path).sort()).toEqual(
    [
      'schema.payments.properties.email.quality[1]',
      'schema.payments.properties.lines',
      'schema.payments.properties.payment_id.quality[0].dimension',
      'schema.payments.properties.unit.logicalTypeOptions.minLength',
      'schema.payments.properties.unit.quality[1]',
      'schema.payments.quality[1]',
      'schema.payments.tags',
      'servers',
      'slaProperties',
    ]
      .sort()
      .map((path) => (path.endsWith('lines') ? `${path}.logicalType` : path)),
  )
  expect(streamsSource(streams)).toBe(`import { col, holds, inSet, rowCount, stream, t, unique } from 'trueline'

export const payments = stream('payments', {
  description: 'What sellers were paid',
  key: 'payment_id',
  time: 'paid_on',
  schema: {
    payment_id: t.string(),
    paid_on: t.timestamp(),
    email: t.string({ nullable: true, sensitive: true }),
    unit: t.string({ maxLength: 6, nullable: true }),
    amount: t.decimal({ scale: 2, nullable: true }),
  },
  quality: [
    unique('payment_id'),
    holds(col('email').isNull().or(col('email').in('', 'N/A')).not()).exceptRows(99),
    inSet('unit', ['pounds', 'kg']).mostly(0.95, { above: true }).warn(),
    rowCount().between(101, 119),
  ],
})`)
})

test('a choice is written as its builder makes it, which is imported too', () => {
  const text = streamsSource(importContract(exportContract(orders)).streams)
  expect(text).toContain("holds(when(col('paid'), col('weight').gt(0), true)).warn(),")
  expect(text).toMatch(/^import \{ .*\bwhen\b.* \} from 'trueline'/)
})

test.each([
  ['what is no YAML', '{'],
  ['another kind', 'kind: Other\napiVersion: v3.1.0'],
  ['an older version', 'kind: DataContract\napiVersion: v2.2.2'],
  ['no table', 'kind: DataContract\napiVersion: v3.1.0\nschema: []'],
])('%s is refused', (_, text) => {
  expect(() => importContract(text)).toThrow(expect.objectContaining({ code: 'contract_invalid' }))
})
