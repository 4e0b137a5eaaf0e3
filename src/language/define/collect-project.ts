import { canonicalJson } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Definition, ProjectDefinition } from './definitions.ts'
import { mentionedBy } from './mentions.ts'

type Mutable<Data> = { -readonly [Name in keyof Data]: Data[Name] }

/** A project that defines nothing. */
export function emptyProject(): ProjectDefinition {
  return { streams: {}, entities: {}, features: {}, requests: {}, derived: {}, tables: {}, models: {} }
}

/**
 * The project of some definitions and all that they mention, directly or not; other values are passed over. It is not
 * checked yet.
 * @throws TruelineError `duplicate_definition` when two different definitions of a kind have the same name
 */
export function collectProject(definitions: Iterable<unknown>): ProjectDefinition {
  const project: Mutable<ProjectDefinition> = emptyProject()
  const seen = new Set<unknown>()
  const visit = (value: unknown): void => {
    if (seen.has(value)) return
    seen.add(value)
    for (const mentioned of mentionedBy(value)) visit(mentioned)
    if (isDefinition(value)) place(value, project)
  }
  for (const definition of definitions) visit(definition)
  return project
}

const collections = {
  stream: 'streams',
  entity: 'entities',
  features: 'features',
  request: 'requests',
  derived: 'derived',
  table: 'tables',
  model: 'models',
  source: 'sources',
  batch: 'batches',
  raw_model: 'rawModels',
} as const

function place(definition: Definition, project: Mutable<ProjectDefinition>): void {
  if (definition.kind === 'alerts') {
    refuseOther('alerts', project.alerts, definition)
    project.alerts = definition
    return
  }
  if (definition.kind === 'limits') {
    refuseOther('limits', project.limits, definition)
    project.limits = definition
    return
  }
  if (definition.kind === 'predictions') {
    refuseOther('predictions', project.predictions, definition)
    project.predictions = definition
    return
  }
  if (definition.kind === 'source') project.sources ??= {}
  if (definition.kind === 'batch') project.batches ??= {}
  if (definition.kind === 'raw_model') project.rawModels ??= {}
  const collection = project[collections[definition.kind]] as Record<string, Definition>
  refuseOther(`${definition.kind} '${definition.name}'`, collection[definition.name], definition)
  collection[definition.name] = definition
}

function refuseOther(what: string, present: Definition | undefined, definition: Definition): void {
  if (present === undefined || canonicalJson(present) === canonicalJson(definition)) return
  throw new TruelineError('duplicate_definition', `There are two different definitions of ${what}.`, { path: what })
}

function isDefinition(value: unknown): value is Definition {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  const { kind, name } = value as { kind: unknown; name?: unknown }
  // An input that names a group of features has its kind and name, but selects nothing.
  if (kind === 'features' || kind === 'request' || kind === 'derived' || kind === 'table') return 'select' in value
  if (kind === 'alerts' || kind === 'limits' || kind === 'predictions') return true
  return typeof kind === 'string' && Object.hasOwn(collections, kind) && typeof name === 'string'
}
