import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { TruelineError } from '../../core/errors.ts'
import { type AppliedDefinitions, definitionsInForce } from '../../governance/applied-definitions.ts'
import { readMetadata } from '../../stores/metadata/metadata.ts'

/**
 * The definitions in force in a data directory that no process has open; undefined where there are none, or they cannot be
 * read without changing it.
 */
export async function definitionsAtRest(directory: string, clock: Clock): Promise<AppliedDefinitions | undefined> {
  const path = join(directory, 'meta.db')
  if (!existsSync(path)) return undefined
  try {
    const metadata = await readMetadata(path, { clock })
    try {
      return await definitionsInForce(metadata)
    } finally {
      await metadata.close()
    }
  } catch (thrown) {
    // Who asked has a better error: that of the project file.
    if (thrown instanceof TruelineError) return undefined
    throw thrown
  }
}
