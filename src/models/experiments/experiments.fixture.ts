import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { virtualClock } from '../../core/clock.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { createExperiment } from './experiments.ts'
import type { Found } from './search/search-runs.ts'
import { createRun, type NewTrackedRun } from './tracked-runs.ts'

export const ada = assertedIdentity('ada')

/** Metadata in a temporary folder, on a clock that starts at a million milliseconds, with an experiment `trees`. */
export async function temporaryExperiments() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-experiments-'))
  const clock = virtualClock(1_000_000_000)
  const path = join(folder.path, 'meta.db')
  const metadata = await openMetadata(path, { clock })
  const trees = await createExperiment(metadata, { name: 'trees', by: ada })
  return {
    clock,
    metadata,
    path,
    trees,
    run: (given: Partial<NewTrackedRun> = {}) => createRun(metadata, { experiment: trees.id, ...given }),
    async [Symbol.asyncDispose]() {
      await metadata.close()
      await folder.remove()
    },
  }
}

/** What all pages of a search hold together. */
export async function allPages<T>(
  read: (pageToken: string | undefined) => Promise<Found<T>>,
  between: () => Promise<unknown> = async () => {},
): Promise<readonly T[]> {
  const items: T[] = []
  let token: string | undefined
  do {
    const page = await read(token)
    items.push(...page.items)
    token = page.next ?? undefined
    await between()
  } while (token !== undefined)
  return items
}
