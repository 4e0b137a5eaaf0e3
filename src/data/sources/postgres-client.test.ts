import { expect, test } from 'vitest'
import { asTruelineError } from '../../core/errors.ts'
import { databaseWords, postgresClient, postgresRemedy } from './postgres-client.ts'

const url = { env: 'WAREHOUSE' }

test.each([
  ['a password that is not encoded', 'postgres://ann:hun#ter/2%@127.0.0.1:5432/shop'],
  ['no address at all', 'hunter2@127.0.0.1'],
  ['an address of something else', 'mysql://ann:hunter2@127.0.0.1/shop'],
])('what is no address of a database is refused and never shown: %s', async (_, text) => {
  const thrown = asTruelineError(await postgresClient(url, { WAREHOUSE: text }, {}).catch((error: unknown) => error))
  expect({ ...thrown.toJSON(), cause: thrown.cause }).toEqual({
    error: 'The environment variable WAREHOUSE is not the address of a PostgreSQL database.',
    code: 'setting_invalid',
    path: 'WAREHOUSE',
    remedy:
      'Write postgres://USER:PASSWORD@HOST:5432/DATABASE, with @ : / # ? % in a password as %40 %3A %2F %23 %3F %25, and start again what reads it.',
  })
})

test('a database is named by its place, without who asks', async () => {
  const words = async (text: string): Promise<string> => databaseWords(await postgresClient(text, {}, {}))
  expect(await words('postgres://ann:hunter2@db.example/shop')).toBe('db.example:5432/shop')
  expect(await words('postgresql://ann:hunter2@[::1]:6000/shop')).toBe('::1:6000/shop')
  expect(await words('socket:/run/postgresql?db=shop')).toBe('/run/postgresql/shop')
})

test('what mends a refusal is said by the code of it, and nothing of one that says all itself', () => {
  expect(postgresRemedy({ code: '28P01' }, url)).toBe(
    'Mend the user or the password in the environment variable WAREHOUSE.',
  )
  expect(postgresRemedy({ code: '3D000' }, 'postgres://db.example/shop')).toBe(
    "Make the database, or mend its name in the database's url.",
  )
  expect(postgresRemedy({ code: '55P03' }, url)).toBe('See that whoever holds a lock on it lets it go.')
  expect(postgresRemedy({ code: '22003' }, url)).toBeUndefined()
})
