import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Schema } from '../../../core/data-type.ts'
import { openDuckdb, sqlText } from '../../../stores/lake/duckdb.ts'
import { publishToSqlite } from './publish-sqlite.ts'

const schema = {
  score: { type: 'number' },
  decision: { type: 'string' },
  run_id: { type: 'string' },
} as const satisfies Schema
const rows = { schema, parts: [], write: 'replace', run: 'b1' } as const

test('a table whose columns would change what is written into them is left as it is', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-sqlite-'))
  const path = join(folder.path, 'scores.db')
  using database = new DatabaseSync(path)
  database.exec(`
    CREATE TABLE texts (score TEXT, decision TEXT, run_id TEXT);
    CREATE TABLE numbers (score REAL, decision INTEGER, run_id TEXT);
    CREATE TABLE others (score, decision VARCHAR(20), run_id CLOB);
    INSERT INTO texts VALUES ('0.5', 'ship', 'b0'); INSERT INTO others VALUES (0.5, 'ship', 'b0')`)
  const published = (table: string): Promise<void> =>
    publishToSqlite({ kind: 'sqlite', path, table }, rows, folder.path)
  await expect(published('texts')).rejects.toMatchObject({
    code: 'destination_mismatch',
    message: "Column 'score' of table 'texts' is TEXT, which would not keep the values of this batch as they are.",
    path: `${path}#texts`,
    remedy: 'Make it REAL, name another table, or drop this one.',
  })
  await expect(published('numbers')).rejects.toMatchObject({ code: 'destination_mismatch' })
  expect(database.prepare('SELECT * FROM texts').all()).toHaveLength(1)
  await published('others')
  expect(database.prepare('SELECT * FROM others').all()).toHaveLength(0)
})

test.each([
  [
    'a constraint that leaves rows out',
    'CREATE TABLE t (score REAL, decision TEXT UNIQUE ON CONFLICT IGNORE, run_id TEXT)',
  ],
  [
    'a trigger that takes rows away',
    `CREATE TABLE t (score REAL, decision TEXT, run_id TEXT);
    CREATE TRIGGER low AFTER INSERT ON t WHEN NEW.score = 0 BEGIN DELETE FROM t WHERE score = 0; END`,
  ],
])('no run is published without all of its rows: %s', async (_, sql) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-sqlite-'))
  const path = join(folder.path, 'scores.db')
  const part = join(folder.path, 'part.parquet')
  const duckdb = await openDuckdb({ threads: 1, temporaryFolder: folder.path })
  const three = "SELECT range::DOUBLE AS score, 'ship' AS decision, 'b1' AS run_id FROM range(3)"
  await duckdb.withConnection((connection) => connection.run(`COPY (${three}) TO ${sqlText(part)} (FORMAT parquet)`))
  duckdb.close()
  using database = new DatabaseSync(path)
  database.exec(`${sql}; INSERT INTO t VALUES (1, 'call', 'b0')`)
  const published = (table: string): Promise<void> =>
    publishToSqlite({ kind: 'sqlite', path, table }, { ...rows, parts: [part] }, folder.path)
  await expect(published('t')).rejects.toMatchObject({
    code: 'destination_mismatch',
    message: expect.stringMatching(/^Table 't' keeps \d of 3 rows\.$/),
  })
  expect(database.prepare('SELECT decision FROM t').all()).toEqual([{ decision: 'call' }])
  await published('other')
  expect(database.prepare('SELECT count(*) AS rows FROM other').get()).toEqual({ rows: 3 })
})
