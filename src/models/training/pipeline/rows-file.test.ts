import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { textCode } from '../../../core/text-code.ts'
import type { VectorInput } from '../../../data/features/vector.ts'
import type { DatasetRows } from '../dataset.ts'
import { digestOfRows } from '../rows-digest.ts'
import { readRows, writeRows } from './rows-file.ts'

const source = { kind: 'row', expression: { kind: 'column', name: 'x' } } as const
const inputs: VectorInput[] = [
  { name: 'spend.mean', type: 'number', source },
  { name: 'it\'s "odd"', type: 'string', source },
  { name: 'empty', type: 'string', source },
  { name: 'seen', type: 'timestamp', source },
]
const texts = ['Å', '', "O'Hare", 'x'.repeat(300)]
const ROWS = 5000
const { NaN: MISSING } = Number

const odd = [-0, 0, Number.MIN_VALUE, 1 / 3, -1e300, MISSING, 2 ** 53]
const values = (of: (row: number) => number): Float64Array => Float64Array.from({ length: ROWS }, (_, row) => of(row))
const made: DatasetRows = {
  inputs,
  times: values((row) => -5_000_000 + row * 1001),
  columns: [
    values((row) => odd[row % odd.length]!),
    values((row) => (row % 5 === 4 ? MISSING : textCode(texts[row % 5]!))),
    values(() => MISSING),
    values((row) => row * 1e9),
  ],
  labels: values((row) => row % 2),
  weights: values((row) => row / 3),
  places: values((row) => row * 2),
  outcomes: 7,
  outcomesCount: values((row) => row * 1001 + 3),
  textOf: (code) => texts.find((text) => textCode(text) === code),
  segments: [
    { column: 'origin', values: Array.from({ length: ROWS }, (_, row) => (row % 3 === 0 ? null : `P${row % 3}`)) },
  ],
  excluded: { immature: 1, unlabelled: 2 },
}

test('rows that are written and read are the same, to the bit, texts and missing values included', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-rows-'))
  const path = join(folder.path, 'rows.parquet')
  const options = { threads: 2, temporaryFolder: folder.path }
  await writeRows(path, made, options)
  const read = await readRows(path, inputs, { segments: ['origin'], weights: true }, { ...made, rows: ROWS }, options)
  const bits = (columns: readonly Float64Array[]) => columns.map((column) => digestOfRows([column]).root)
  expect(bits([read.weights!, read.times, read.labels, read.places, read.outcomesCount, ...read.columns])).toEqual(
    bits([made.weights!, made.times, made.labels, made.places, made.outcomesCount, ...made.columns]),
  )
  expect(read.segments).toEqual(made.segments)
  expect(texts.map((text) => read.textOf(textCode(text)))).toEqual(texts)
  expect(read).toMatchObject({ outcomes: 7, excluded: { immature: 1, unlabelled: 2 } })
})
