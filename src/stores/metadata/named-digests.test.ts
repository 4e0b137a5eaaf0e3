import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { digestOf } from '../../core/digest.ts'
import { openMetadata } from './metadata.ts'
import { namedDigests } from './named-digests.ts'
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
  expect(await namedDigests(database)).toEqual(new Set([inside, later]))
  await metadata.close()
})
