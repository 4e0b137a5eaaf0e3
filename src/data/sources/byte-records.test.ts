import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { byteRecords } from './byte-records.ts'
import { csvFields } from './csv-fields.ts'

/** The records of a text that comes in pieces of some lengths. */
async function recordsOf(text: string, quoted: boolean, lengths: () => number, offset = 0): Promise<unknown[]> {
  const bytes = Buffer.from(text)
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; ) {
      const end = at + lengths()
      yield bytes.subarray(at, end)
      at = end
    }
  }
  const found: unknown[] = []
  for await (const record of byteRecords(pieces(), { offset, line: 1 }, quoted))
    found.push([record.bytes.toString(), record.line, record.end, record.isComplete])
  return found
}

test('records are cut at line feeds, and in CSV only at those outside quotes, however the bytes come', async () => {
  const text = 'a,b\r\n"x\ny","say ""so"""\n\nlast,one'
  const lines = [
    ['a,b', 1, 5, true],
    ['"x', 2, 8, true],
    ['y","say ""so"""', 3, 24, true],
    ['', 4, 25, true],
    ['last,one', 5, 33, false],
  ]
  const records = [lines[0], ['"x\ny","say ""so"""', 2, 24, true], ['', 4, 25, true], ['last,one', 5, 33, false]]
  const random = seededRandom(3)
  for (let round = 0; round < 50; round += 1) {
    expect(await recordsOf(text, false, () => 1 + random.integer(9))).toEqual(lines)
    expect(await recordsOf(text, true, () => 1 + random.integer(9))).toEqual(records)
  }
})

test('a quote that is never closed takes no more with it than its line', async () => {
  const text = `"open,1\n${'fine,2\n'.repeat(700_000)}`
  const records = await recordsOf(text, true, () => 65_536)
  expect(records.length).toBe(700_001)
  expect(records.slice(0, 2)).toEqual([
    ['"open,1', 1, 8, true],
    ['fine,2', 2, 15, true],
  ])
})

test('a line without an end is refused before it fills the memory', async () => {
  await expect(recordsOf('x'.repeat(17 * 2 ** 20), false, () => 2 ** 20)).rejects.toThrowError(
    expect.objectContaining({ code: 'file_unreadable' }),
  )
})

test('fields of CSV: an empty one is null unless it is quoted, and quotes stand only around a field', () => {
  expect(csvFields('a,,"",b')).toEqual(['a', null, '', 'b'])
  expect(csvFields('"a,""b""\nc",d,')).toEqual(['a,"b"\nc', 'd', null])
  expect(csvFields('')).toEqual([null])
  expect(csvFields('a"b,c')).toBeUndefined()
  expect(csvFields('"a"b,c')).toBeUndefined()
  expect(csvFields('"a,b')).toBeUndefined()
})
