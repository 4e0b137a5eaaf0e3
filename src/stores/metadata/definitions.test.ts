import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { digestOfJson } from '../../core/digest.ts'
import { emptyProject } from '../../language/define/collect-project.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { readDefinition, saveDefinition } from './definitions.ts'
import { openMetadata } from './metadata.ts'

const project: ProjectDefinition = {
  ...emptyProject(),
  entities: { origin: { kind: 'entity', name: 'origin', key: { origin: { type: 'string' } }, owner: 'data-eng' } },
}

test('definitions are kept once by their digest, and checked when read', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-definitions-'))
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock: virtualClock(0) })
  const digest = await saveDefinition(metadata.database, project, 5)
  expect(digest).toBe(digestOfJson(project))
  expect(await saveDefinition(metadata.database, structuredClone(project), 9)).toBe(digest)
  expect(await readDefinition(metadata.database, digest)).toEqual(project)
  await expect(readDefinition(metadata.database, digestOfJson('other'))).rejects.toMatchObject({
    code: 'directory_damaged',
  })
  await sql`DROP TRIGGER definitions_never_updated`.execute(metadata.database)
  await metadata.database.updateTable('definitions').set({ content: '{"streams":{}}' }).execute()
  await expect(readDefinition(metadata.database, digest)).rejects.toMatchObject({ code: 'directory_damaged' })
  await metadata.close()
})
