import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import type { SourceDefinition } from '../../../language/define/source-definition.ts'
import { readDefinition } from '../../../stores/metadata/definitions.ts'
import type { MetadataTransaction } from '../../../stores/metadata/metadata.ts'

/** A source as it was defined when a run of it began; undefined where no definitions of here ever had it. */
export type SourceAt = (source: string, at: number) => Promise<SourceDefinition | undefined>

/**
 * Sources as they were defined at a time, from the definitions that were in force then: a source that is not defined any
 * more, or reads something else now, brought what it did. Each of the definitions is read once.
 */
export function sourceDefinitions(transaction: MetadataTransaction): SourceAt {
  const read = new Map<string, ProjectDefinition>()
  return async (source, at) => {
    const applied = await transaction
      .selectFrom('applied_definitions')
      .select(['digest', 'at'])
      .orderBy('sequence', 'desc')
      .execute()
    // A clock that goes back may leave a run before all of them: then the newest that has the source says it.
    for (const { digest } of [...applied.filter((one) => one.at <= at), ...applied]) {
      const definition = read.get(digest) ?? (await readDefinition(transaction, digest))
      read.set(digest, definition)
      const found = definition.sources?.[source]
      if (found !== undefined) return found
    }
    return undefined
  }
}
