import { type Digest, digestOfJson } from '../../core/digest.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import {
  digestOfDerived,
  digestOfEntity,
  digestOfFeatures,
  digestOfModel,
  digestOfRequest,
  digestOfStream,
  digestOfTable,
} from '../../language/define/digest.ts'
import type { DefinitionChange } from '../api/definition-answers.ts'

/** In the order in which they depend on each other, as plans list them. */
const kinds = [
  'source',
  'stream',
  'entity',
  'features',
  'table',
  'request',
  'derived',
  'model',
  'batch',
  'raw_model',
] as const

/** What differs in meaning between two projects; prose is no meaning. */
export function definitionChanges(before: ProjectDefinition, after: ProjectDefinition): DefinitionChange[] {
  const changes: DefinitionChange[] = []
  for (const kind of kinds) {
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

/**
 * Whether a change alters what is stored or served, so that it comes into force only when it is applied. How a source is
 * read does not, nor what is scored in batches or served as it is, and what request and derived features are shows in the models that read them.
 */
export function mustBeApplied({ kind }: DefinitionChange): boolean {
  return kind !== 'source' && kind !== 'batch' && kind !== 'raw_model' && kind !== 'request' && kind !== 'derived'
}

function digestsOf(project: ProjectDefinition, kind: DefinitionChange['kind']): Map<string, Digest> {
  const entries = <Definition>(
    definitions: Readonly<Record<string, Definition>>,
    digest: (definition: Definition) => Digest,
  ): [string, Digest][] => Object.entries(definitions).map(([name, definition]) => [name, digest(definition)])
  switch (kind) {
    case 'source':
      return new Map(entries(project.sources ?? {}, ({ owner, description, ...meaning }) => digestOfJson(meaning)))
    case 'stream':
      return new Map(entries(project.streams, digestOfStream))
    case 'entity':
      return new Map(entries(project.entities, digestOfEntity))
    case 'features':
      return new Map(entries(project.features, (definition) => digestOfFeatures(definition, project)))
    case 'table':
      return new Map(entries(project.tables, (definition) => digestOfTable(definition, project)))
    // Over no stream: a stream that changes is listed itself, and the models that ask with its rows.
    case 'request':
      return new Map(entries(project.requests, (definition) => digestOfRequest(definition, {})))
    case 'derived':
      return new Map(entries(project.derived, (definition) => digestOfDerived(definition, project, {})))
    case 'batch':
      return new Map(entries(project.batches ?? {}, ({ owner, description, ...meaning }) => digestOfJson(meaning)))
    case 'raw_model':
      return new Map(entries(project.rawModels ?? {}, ({ owner, description, ...meaning }) => digestOfJson(meaning)))
    case 'model':
      return new Map(entries(project.models, (definition) => digestOfModel(definition, project)))
  }
}
