import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { openDuckdb } from './duckdb.ts'

test('a text is read with all of its characters, U+FEFF at its beginning too', async () => {
  const duckdb = await openDuckdb({ temporaryFolder: tmpdir() })
  const texts = ['\uFEFF', '\uFEFFshort', '\uFEFFlonger than what lies in a vector', 'a\uFEFFb', '']
  const values = texts.map((text) => `'${text}'`).join()
  await duckdb.withConnection(async (connection) => {
    const columns = await connection.runAndReadAll(`SELECT unnest([${values}]) AS text`)
    expect(columns.getRows().map(([text]) => text)).toEqual(texts)
    const list = await connection.runAndReadAll(`SELECT {'texts': [${values}]} AS nested`)
    expect(JSON.stringify(list.getRowObjectsJson())).toBe(JSON.stringify([{ nested: { texts } }]))
  })
  duckdb.close()
})
