import { expect, test } from 'vitest'
import type { Schema } from '../../../core/data-type.ts'
import { seededRandom } from '../../../core/random.ts'
import { t } from '../../../language/define/column-types.ts'
import { createColumns, setValue } from '../../../stores/log/event-batch.ts'
import type { ColumnBatch } from '../check.ts'
import { suggestChecks } from './suggest-checks.ts'

const schema = {
  amount: t.number({ nullable: true }),
  code: t.string({ nullable: true }),
  delta: t.int(),
  kind: t.string(),
  name: t.string(),
  secret: t.string({ sensitive: true }),
} as const satisfies Schema

type Row = { readonly [Name in keyof typeof schema]: string | number | null }

/** Rows of an orderly table: some amounts missing, few kinds, ids of one shape. */
function rowsOf(from: number, to: number, change: (row: Row, index: number) => Row = (row) => row): Row[] {
  const random = seededRandom(from + 1)
  return Array.from({ length: to - from }, (_, at) => {
    const index = from + at
    return change(
      {
        amount: random.next() < 0.05 ? null : random.next() * 100,
        code: `AB-${String(1000 + (index % 9000))}`,
        delta: Math.floor(random.next() * 100) - 50,
        kind: ['small', 'middle', 'large'][index % 3]!,
        name: `${'x'.repeat(1 + (index % 5))} ${index}`,
        secret: ['x', 'y'][index % 2]!,
      },
      index,
    )
  })
}

async function* batchesOf(rows: readonly Row[]): AsyncGenerator<ColumnBatch> {
  for (let from = 0; from < rows.length; from += 333) {
    const part = rows.slice(from, from + 333)
    const columns = createColumns(schema, part.length)
    for (const [row, values] of part.entries())
      for (const [column, name] of Object.keys(schema).entries())
        setValue(columns[column]!, row, values[name as keyof Row])
    yield { length: part.length, columns }
  }
}

const suggest = (learnt: readonly Row[], later: readonly Row[]) =>
  suggestChecks(schema, { learn: () => batchesOf(learnt), tryOn: () => batchesOf(later) }, 0)

test('what always held is suggested, as lines to paste, and nothing of a sensitive column', async () => {
  const { suggested, dropped, rows } = await suggest(rowsOf(0, 6000), rowsOf(6000, 10_000))
  expect(rows).toEqual({ learnt: 6000, tried: 4000 })
  expect(dropped).toEqual([])
  expect(suggested.map(({ source }) => source)).toEqual([
    "completeness('amount').atLeast(0.85)",
    "atLeast('amount', 0)",
    "notNull('code')",
    "unique('code')",
    "matches('code', '^[A-Z]{2}\\\\-[0-9]{4}$')",
    "inSet('kind', ['large', 'middle', 'small'])",
    "unique('name')",
  ])
  expect(suggested.every(({ batches, failures }) => batches === 20 && failures === 0)).toBe(true)
})

test('what later rows breach without anything being wrong is dropped', async () => {
  const later = rowsOf(6000, 10_000, (row, index) => ({
    ...row,
    kind: index % 500 === 0 ? 'huge' : row.kind,
    amount: index % 900 === 0 ? -1 : row.amount,
  }))
  const { suggested, dropped } = await suggest(rowsOf(0, 6000), later)
  expect(dropped.map(({ source }) => source)).toEqual([
    "atLeast('amount', 0)",
    "inSet('kind', ['large', 'middle', 'small'])",
  ])
  expect(suggested).toHaveLength(5)
})

test('of all that is suggested fewer than one batch in a hundred fails on rows of the same kind', async () => {
  const { suggested } = await suggest(rowsOf(0, 6000), rowsOf(6000, 10_000))
  let batches = 0
  let failures = 0
  for (let seed = 1; seed <= 5; seed += 1) {
    const fresh = await suggest(rowsOf(0, 6000), rowsOf(10_000 * seed, 10_000 * seed + 8000))
    for (const one of [...fresh.suggested, ...fresh.dropped]) {
      if (!suggested.some(({ source }) => source === one.source)) continue
      batches += one.batches
      failures += one.failures
    }
  }
  expect(batches).toBeGreaterThan(1000)
  expect(failures / batches).toBeLessThan(0.01)
})

test('distributions are suggested when asked for, with exact counts, and bear out on later rows', async () => {
  const rows = { learn: () => batchesOf(rowsOf(0, 6000)), tryOn: () => batchesOf(rowsOf(6000, 10_000)) }
  const { suggested } = await suggestChecks(schema, rows, 0, { distributions: true })
  const found = suggested.flatMap(({ definition }) => (definition.check === 'distribution' ? [definition] : []))
  expect(found.map(({ column }) => column)).toEqual(['amount', 'delta', 'kind'])
  const amounts = rowsOf(0, 6000).flatMap(({ amount }) => (amount === null ? [] : [amount as number]))
  const [first] = found
  if (first?.reference.kind !== 'bins') throw new Error('numbers have bins')
  const { edges, counts } = first.reference
  expect(edges.length).toBeGreaterThan(6)
  const below = [...edges.map((edge) => amounts.filter((amount) => amount <= edge).length), amounts.length]
  expect(counts).toEqual(below.map((count, bin) => count - (below[bin - 1] ?? 0)))
})

test('too few rows suggest nothing', async () => {
  expect(await suggest(rowsOf(0, 50), rowsOf(50, 80))).toMatchObject({ suggested: [], dropped: [] })
})
