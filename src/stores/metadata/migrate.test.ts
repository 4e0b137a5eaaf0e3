import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { migrate } from './migrate.ts'

const first = { name: 'first', sql: 'CREATE TABLE a (x INTEGER) STRICT' }
const second = { name: 'second', sql: 'CREATE TABLE b (x INTEGER) STRICT; INSERT INTO b VALUES (1)' }
const broken = { name: 'broken', sql: 'CREATE TABLE c (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1)' }

function tables(database: DatabaseSync): unknown[] {
  return database
    .prepare('SELECT name FROM sqlite_schema ORDER BY name')
    .all()
    .map((row) => row['name'])
}

test('each step is taken once, from wherever the database stands', () => {
  using database = new DatabaseSync(':memory:')
  migrate(database, [first], 'x.db')
  migrate(database, [first, second], 'x.db')
  migrate(database, [first, second], 'x.db')
  expect(tables(database)).toEqual(['a', 'b'])
  expect(database.prepare('SELECT count(*) AS n FROM b').get()).toMatchObject({ n: 1 })
})

test('a step that fails leaves nothing, and the steps before it stand', () => {
  using database = new DatabaseSync(':memory:')
  expect(() => migrate(database, [first, broken], 'x.db')).toThrow('nowhere')
  expect(tables(database)).toEqual(['a'])
  expect(database.isTransaction).toBe(false)
  migrate(database, [first, second], 'x.db')
  expect(tables(database)).toEqual(['a', 'b'])
})

test('a database from a newer version is refused untouched', () => {
  using database = new DatabaseSync(':memory:')
  migrate(database, [first, second], 'x.db')
  expect(() => migrate(database, [first], 'x.db')).toThrow(expect.objectContaining({ code: 'directory_newer' }))
  expect(tables(database)).toEqual(['a', 'b'])
})
