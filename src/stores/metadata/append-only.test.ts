import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { appendOnly } from './append-only.ts'

function facts(): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  database.exec(`CREATE TABLE facts (a INTEGER, b TEXT, c TEXT, PRIMARY KEY (a, b), UNIQUE (c)) STRICT, WITHOUT ROWID;
    ${appendOnly('facts', ['a', 'b'], ['c'])}
    INSERT INTO facts VALUES (1, 'x', 'one'), (2, 'x', 'two')`)
  return database
}

const attempts = [
  "UPDATE facts SET c = 'other' WHERE a = 1",
  'UPDATE facts SET c = c',
  "UPDATE OR REPLACE facts SET c = 'two' WHERE a = 1",
  'DELETE FROM facts',
  'DELETE FROM facts WHERE a = 2',
  "INSERT OR REPLACE INTO facts VALUES (1, 'x', 'other')",
  "INSERT OR REPLACE INTO facts VALUES (3, 'x', 'two')",
  "REPLACE INTO facts VALUES (1, 'x', 'one')",
  "INSERT INTO facts VALUES (1, 'x', 'other') ON CONFLICT DO UPDATE SET c = 'other'",
]

test.each(attempts)('refused: %s', (attempt) => {
  using database = facts()
  expect(() => database.exec(attempt)).toThrow('append-only')
  expect(database.prepare('SELECT c FROM facts ORDER BY a').all()).toEqual([{ c: 'one' }, { c: 'two' }])
})

test('rows can be added', () => {
  using database = facts()
  database.exec("INSERT INTO facts VALUES (1, 'y', 'three')")
  expect(database.prepare('SELECT count(*) AS n FROM facts').get()).toMatchObject({ n: 3 })
})
