import { mkdtempDisposable, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { type Metadata, openMetadata } from './metadata.ts'
import { readSetting, writeSetting } from './settings.ts'

const clock = virtualClock(1_000_000)
const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'trueline-metadata-'))
const pragma = async (metadata: Metadata, name: string) =>
  Object.values(
    (await sql<Record<string, unknown>>`PRAGMA ${sql.raw(name)}`.execute(metadata.database)).rows[0] ?? {},
  )[0]

test('what is written is there after reopening', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'meta.db')
  const metadata = await openMetadata(path, { clock })
  await writeSetting(metadata.database, 'calendar', { weekStart: 'monday', holidays: [] })
  await writeSetting(metadata.database, 'calendar', { weekStart: 'sunday', holidays: [1] })
  await metadata.close()
  const reopened = await openMetadata(path, { clock })
  expect(await readSetting(reopened.database, 'calendar')).toEqual({ weekStart: 'sunday', holidays: [1] })
  expect(await readSetting(reopened.database, 'other')).toBeUndefined()
  await reopened.close()
})

test('commits are synced to a write-ahead log, and foreign keys hold', async () => {
  await using folder = await temporaryFolder()
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock })
  expect(await pragma(metadata, 'journal_mode')).toBe('wal')
  expect(await pragma(metadata, 'synchronous')).toBe(2)
  const orphan = { digest: 'sha256:nothing', by_name: 'ada', by_asserted: 1, at: 1 }
  await expect(metadata.database.insertInto('applied_definitions').values(orphan).execute()).rejects.toThrow(
    'FOREIGN KEY',
  )
  await metadata.close()
})

test('a transaction that fails leaves nothing; others wait for one that runs', async () => {
  await using folder = await temporaryFolder()
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock })
  const failing = metadata.database.transaction().execute(async (transaction) => {
    await writeSetting(transaction, 'a', 1)
    throw new Error('changed my mind')
  })
  const waiting = writeSetting(metadata.database, 'b', 2)
  await expect(failing).rejects.toThrow('changed my mind')
  await waiting
  expect(await readSetting(metadata.database, 'a')).toBeUndefined()
  expect(await readSetting(metadata.database, 'b')).toBe(2)
  await metadata.close()
})

test('a full disk is told by its code, and what was committed before is kept', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'meta.db')
  const metadata = await openMetadata(path, { clock })
  await writeSetting(metadata.database, 'small', 1)
  const pages = await pragma(metadata, 'page_count')
  await pragma(metadata, `max_page_count = ${Number(pages) + 2}`)
  const large = 'x'.repeat(100_000)
  await expect(writeSetting(metadata.database, 'large', large)).rejects.toMatchObject({ code: 'disk_full' })
  const inTransaction = metadata.database
    .transaction()
    .execute((transaction) => writeSetting(transaction, 'large', large))
  await expect(inTransaction).rejects.toMatchObject({ code: 'disk_full' })
  expect(await readSetting(metadata.database, 'small')).toBe(1)
  await metadata.close()
  const reopened = await openMetadata(path, { clock })
  await writeSetting(reopened.database, 'large', large)
  expect(await readSetting(reopened.database, 'large')).toHaveLength(100_000)
  await reopened.close()
})

test('a file from a newer version, and one that is no database, are refused', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'meta.db')
  await (await openMetadata(path, { clock })).close()
  using database = new DatabaseSync(path)
  database.exec('PRAGMA user_version = 1000')
  await expect(openMetadata(path, { clock })).rejects.toMatchObject({ code: 'directory_newer' })
  const text = join(folder.path, 'text.db')
  await writeFile(text, 'this is not a database, however long it may be'.repeat(50))
  await expect(openMetadata(text, { clock })).rejects.toMatchObject({ code: 'directory_damaged' })
})

test.each(['meta.db', 'meta.db-wal'])('nothing counts as written once %s is gone from under it', async (gone) => {
  await using folder = await temporaryFolder()
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock })
  await writeSetting(metadata.database, 'first', 1)
  await rm(join(folder.path, gone))
  const refused = { code: 'directory_damaged', message: expect.stringContaining(`${gone} was removed or replaced`) }
  await expect(writeSetting(metadata.database, 'second', 2)).rejects.toMatchObject(refused)
  const inTransaction = metadata.database.transaction().execute((transaction) => writeSetting(transaction, 'third', 3))
  await expect(inTransaction).rejects.toMatchObject(refused)
  expect(await readSetting(metadata.database, 'first')).toBe(1)
  await metadata.close()
})
