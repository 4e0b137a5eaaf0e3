import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../core/clock.ts'
import { emptyProject } from '../language/define/collect-project.ts'
import type { ProjectDefinition } from '../language/define/definitions.ts'
import { openMetadata } from '../stores/metadata/metadata.ts'
import { applyDefinitions, definitionsInForce } from './applied-definitions.ts'
import { listAudit } from './audit-log.ts'
import { assertedIdentity } from './identity.ts'

const empty = emptyProject()
const withEntity: ProjectDefinition = {
  ...empty,
  entities: { origin: { kind: 'entity', name: 'origin', key: { origin: { type: 'string' } } } },
}

test('the definitions in force are the last that were applied, and each change is in the audit log', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-applied-'))
  const clock = virtualClock(10)
  const path = join(folder.path, 'meta.db')
  const metadata = await openMetadata(path, { clock })
  const by = assertedIdentity('ada')
  expect(await definitionsInForce(metadata)).toBeUndefined()
  const first = await applyDefinitions(metadata, { definition: empty, by })
  clock.advanceTo(20)
  expect(await applyDefinitions(metadata, { definition: structuredClone(empty), by })).toEqual(first)
  const second = await applyDefinitions(metadata, { definition: withEntity, by })
  clock.advanceTo(30)
  const third = await applyDefinitions(metadata, { definition: empty, by })
  expect([first.at, second.at, third.at]).toEqual([10, 20, 30])
  expect(third.digest).toBe(first.digest)
  await metadata.close()

  const reopened = await openMetadata(path, { clock })
  expect(await definitionsInForce(reopened)).toEqual({ digest: first.digest, definition: empty, by, at: 30 })
  const { items } = await listAudit(reopened.database)
  expect(items.map(({ before, after }) => [before, after])).toEqual([
    [{ digest: second.digest }, { digest: first.digest }],
    [{ digest: first.digest }, { digest: second.digest }],
    [undefined, { digest: first.digest }],
  ])
  await reopened.close()
})
