import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { digestOf } from '../../core/digest.ts'
import { openMetadata } from './metadata.ts'
import { namedDigests, watchNaming } from './named-digests.ts'
import { writeSetting } from './settings.ts'

test('a digest is named wherever a text says it, also in tables of parts that come later, and not by what was collected', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-digests-'))
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock: virtualClock(0) })
  const { database } = metadata
  const [inside, later, marked] = ['inside', 'later', 'marked'].map(digestOf)
  await writeSetting(database, 'x', { deep: [{ in: `blob ${inside}, and more` }] })
  await sql`CREATE TABLE later (name TEXT, "odd column" TEXT)`.execute(database)
  await sql`INSERT INTO later VALUES (NULL, ${`${later}${later}`})`.execute(database)
  const mark = { kind: 'blob', name: marked!, state: '', marked_at: 0 } as const
  await database.insertInto('artifact_marks').values(mark).execute()
  // Also in pages of one row, by whatever key a table has.
  for (const rows of [5000, 1]) expect(await namedDigests(database, rows)).toEqual(new Set([inside, later]))
  await metadata.close()
})

test('what comes to be named while all is looked through is noted, by a new row and by one that changes', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-digests-'))
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock: virtualClock(0) })
  const { database } = metadata
  const [before, first, second] = ['before', 'first', 'second'].map(digestOf)
  await writeSetting(database, 'x', { of: before })
  const naming = await watchNaming(database)
  expect(await naming.named(database)).toEqual(new Set())
  await writeSetting(database, 'x', { of: first })
  const file = { path: 'a/b', digest: second!, size: 1, at: 0 }
  await database.insertInto('artifact_files').values(file).execute()
  expect(await naming.named(database)).toEqual(new Set([first, second]))
  await naming.end()
  const left = await sql<{ n: number }>`SELECT count(*) AS n FROM sqlite_temp_schema`.execute(database)
  expect(left.rows[0]!.n).toBe(0)
  await writeSetting(database, 'y', { of: before })
  await metadata.close()
})
