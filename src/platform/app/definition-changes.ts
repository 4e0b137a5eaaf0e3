import type { Digest } from '../../core/digest.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import {
  digestOfEntity,
  digestOfFeatures,
  digestOfModel,
  digestOfStream,
  digestOfTable,
} from '../../language/define/digest.ts'
import type { DefinitionChange } from '../api/definition-answers.ts'

/** What differs in meaning between two projects; prose is no meaning. */
export function definitionChanges(before: ProjectDefinition, after: ProjectDefinition): DefinitionChange[] {
  const changes: DefinitionChange[] = []
  for (const kind of ['stream', 'entity', 'features', 'table', 'model'] as const) {
    const old = digestsOf(before, kind)
    const now = digestsOf(after, kind)
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      const was = old.get(name)
      const is = now.get(name)
      if (was === is) continue
      const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
      changes.push({
        ...{ kind, name, change },
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
      })
    }
  }
  return changes
}

function digestsOf(project: ProjectDefinition, kind: DefinitionChange['kind']): Map<string, Digest> {
  const entries = <Definition>(
    definitions: Readonly<Record<string, Definition>>,
    digest: (definition: Definition) => Digest,
  ): [string, Digest][] => Object.entries(definitions).map(([name, definition]) => [name, digest(definition)])
  switch (kind) {
    case 'stream':
      return new Map(entries(project.streams, digestOfStream))
    case 'entity':
      return new Map(entries(project.entities, digestOfEntity))
    case 'features':
      return new Map(entries(project.features, (definition) => digestOfFeatures(definition, project)))
    case 'table':
      return new Map(entries(project.tables, (definition) => digestOfTable(definition, project)))
    case 'model':
      return new Map(entries(project.models, (definition) => digestOfModel(definition, project)))
  }
}
