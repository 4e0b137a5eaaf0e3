import type { Schema } from '../../core/data-type.ts'
import { type Digest, digestOfJson } from '../../core/digest.ts'
import { functionTableVersion, kernelVersion } from '../../core/versions.ts'
import { zoneTableVersion } from '../../core/zones/zones.ts'
import { columnsOf } from '../expr/columns-of.ts'
import type { Expression } from '../expr/expression.ts'
import { zonedFunctions } from '../expr/functions.ts'
import type {
  DerivedDefinition,
  EntityDefinition,
  FeatureDefinition,
  FeaturesDefinition,
  ModelDefinition,
  ModelInput,
  ProjectDefinition,
  ReadDefinition,
  RequestDefinition,
  StreamDefinition,
  TableDefinition,
} from './definitions.ts'
import { predictionLogOf } from './prediction-log-definition.ts'
import type { TrainerDefinition } from './trainer-definition.ts'

/**
 * Digests of what definitions mean: equal digests give equal values for equal rows. They cover the defaults, the input
 * schemas, and the versions of the code and tables that the definition uses; not owner, prose, or what is only watched.
 */

/** Digest of a stream: what its rows are and which of them are accepted. */
export function digestOfStream({
  owner,
  description,
  quality = [],
  rejectBudget,
  ...meaning
}: StreamDefinition): Digest {
  // Critical checks say which rows are accepted; the others are only watched.
  const critical = quality.filter(({ severity }) => severity === 'critical')
  return digestOfJson({ ...meaning, ...(critical.length === 0 ? {} : { critical }) })
}

export function digestOfEntity({ owner, description, ...meaning }: EntityDefinition): Digest {
  return digestOfJson(meaning)
}

/**
 * Digest of a group of features over the streams and entities of its project; state that was computed under another
 * digest is not theirs. Columns of the stream that the group does not read have no part in it.
 */
export function digestOfFeatures(definition: FeaturesDefinition, project: ProjectDefinition): Digest {
  const { name, entity, from, keys, horizon } = definition
  const select = Object.entries(definition.select).map(([feature, { description, ...meaning }]) => [feature, meaning])
  return digestOfJson({
    kind: 'features',
    name,
    entity: { name: entity, key: project.entities[entity]!.key },
    from: readStream(definition, project.streams[from]!),
    keys,
    select: Object.fromEntries(select),
    horizon,
    versions: {
      kernel: kernelVersion,
      ...expressionVersions(expressionsOf(definition)),
      ...(Object.values(definition.select).some(({ window }) => window.kind === 'calendar')
        ? { zones: zoneTableVersion }
        : {}),
    },
  })
}

/** Digest of request features over the rows of a stream. */
export function digestOfRequest(definition: RequestDefinition, schema: Schema): Digest {
  const expressions = Object.values(definition.select)
  const columns = new Set(expressions.flatMap((expression) => [...columnsOf(expression)]))
  return digestOfJson({
    kind: 'request',
    name: definition.name,
    select: definition.select,
    schema: only(schema, columns),
    versions: expressionVersions(expressions),
  })
}

/** Digest of derived features for the rows of a stream, with all that they read. */
export function digestOfDerived(definition: DerivedDefinition, project: ProjectDefinition, schema: Schema): Digest {
  const { name, reads, select } = definition
  const expressions = Object.values(select)
  const columns = expressions.flatMap((expression) => [...columnsOf(expression)])
  const ofRow = columns.filter((column) => !Object.hasOwn(reads, column))
  const meanings = Object.entries(reads).map(([column, read]) => [
    column,
    { ...read, digest: digestOfRead(read, project, schema) },
  ])
  return digestOfJson({
    kind: 'derived',
    name,
    select,
    reads: Object.fromEntries(meanings),
    schema: only(schema, new Set(ofRow)),
    versions: expressionVersions(expressions),
  })
}

/** Digest of a reference table with the rules by which its rows count. */
export function digestOfTable({ owner, description, ...meaning }: TableDefinition, project: ProjectDefinition): Digest {
  return digestOfJson({
    ...meaning,
    rows: digestOfStream(project.streams[meaning.name]!),
    versions: { kernel: kernelVersion },
  })
}

/** Digest of the definition that gives a value. */
function digestOfRead({ kind, name }: ReadDefinition, project: ProjectDefinition, schema: Schema): Digest {
  if (kind === 'features') return digestOfFeatures(project.features[name]!, project)
  if (kind === 'table') return digestOfTable(project.tables[name]!, project)
  if (kind === 'request') return digestOfRequest(project.requests[name]!, schema)
  return digestOfDerived(project.derived[name]!, project, schema)
}

/** Digest of a model's definition, with all that it reads. */
export function digestOfModel(definition: ModelDefinition, project: ProjectDefinition): Digest {
  return digestOfJson(meaningOfModel(definition, project))
}

/** A definition of a model, in the project that it is part of. */
export type ModelInProject = readonly [definition: ModelDefinition, project: ProjectDefinition]

/**
 * What two definitions of a model mean differently: names of its parts, such as `split`, and of features `features origin_delays`. None where
 * their digests are the same.
 */
export function modelDifferences(before: ModelInProject, after: ModelInProject): readonly string[] {
  const [was, is] = [partsOf(before), partsOf(after)]
  const digestIn = (parts: ReadonlyMap<string, unknown>, name: string): Digest =>
    digestOfJson([parts.get(name) ?? null])
  const names = [...new Set([...was.keys(), ...is.keys()])]
  const differing = names.filter((name) => digestIn(was, name) !== digestIn(is, name))
  // Where features come or go, so does their order.
  const isTold = (name: string): boolean => name !== ORDER || differing.length === 1
  return differing.filter(isTold)
}

const ORDER = 'order of the features'

function partsOf([definition, project]: ModelInProject): ReadonlyMap<string, unknown> {
  const { features, ...parts } = meaningOfModel(definition, project)
  const names = definition.features.map(nameOf)
  const named = features.map((meaning, place) => [`features ${names[place]}`, meaning] as const)
  return new Map<string, unknown>([...Object.entries(parts), ...named, [ORDER, names]])
}

function nameOf(input: ModelInput): string {
  if (input.kind === 'encoded') return nameOf(input.input)
  return input.kind === 'pick' ? input.columns.join(', ') : input.name
}

function meaningOfModel(definition: ModelDefinition, project: ProjectDefinition) {
  const {
    owner,
    description,
    predicts,
    card,
    monitor,
    retrain,
    quality,
    training,
    approvals,
    protectedAliases,
    signedBy,
    ...told
  } = definition
  const { label, features, ...rest } = told
  const { consumers, ...serve } = rest.serve
  const meaning = {
    ...rest,
    trainer: trainerMeaning(rest.trainer),
    serve: { ...serve, log: predictionLogOf(serve.log).sync ? 'sync' : 'group' },
  }
  const labelStream = project.streams[label.from]!
  const { weights } = meaning
  return {
    ...meaning,
    ...(weights?.rows === undefined ? {} : { weights: { ...weights, versions: expressionVersions([weights.rows]) } }),
    at: digestOfStream(project.streams[definition.at]!),
    label: {
      ...label,
      from: digestOfStream(labelStream),
      versions: expressionVersions([label.expression]),
    },
    features: features.map((input) => inputDigest(input, definition, project)),
  }
}

/** How far a program may go, and what is promised of it, is no part of what it learns. */
function trainerMeaning(trainer: TrainerDefinition): unknown {
  if (trainer.kind !== 'command') return trainer
  const { limits, reproducible, ...meaning } = trainer
  return meaning
}

function inputDigest(input: ModelInput, model: ModelDefinition, project: ProjectDefinition): unknown {
  const { schema } = project.streams[model.at]!
  if (input.kind === 'features') return { ...input, digest: digestOfFeatures(project.features[input.name]!, project) }
  if (input.kind === 'encoded') return { ...input, input: inputDigest(input.input, model, project) }
  if (input.kind === 'table') return { ...input, digest: digestOfTable(project.tables[input.name]!, project) }
  if (input.kind === 'pick') return { ...input, schema: only(schema, new Set(input.columns)) }
  if (input.kind === 'request') return { ...input, digest: digestOfRequest(project.requests[input.name]!, schema) }
  return { ...input, digest: digestOfDerived(project.derived[input.name]!, project, schema) }
}

/** What a group reads of its stream, and the rules by which the stream's rows count. */
function readStream(definition: FeaturesDefinition, stream: StreamDefinition): unknown {
  const { name, key, id, time, sequence, knownAt, corrections, schema } = stream
  const columns = new Set([
    ...Object.values(definition.keys),
    ...id,
    time,
    ...(sequence === undefined ? [] : [sequence]),
    ...expressionsOf(definition).flatMap((expression) => [...columnsOf(expression)]),
  ])
  return { name, key, id, time, sequence, knownAt, corrections, schema: only(schema, columns) }
}

function only(schema: Schema, columns: ReadonlySet<string>): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => columns.has(name)))
}

function expressionsOf(definition: FeaturesDefinition): Expression[] {
  return Object.values(definition.select).flatMap(({ argument, where }: FeatureDefinition) =>
    [argument, where].filter((expression) => expression !== undefined),
  )
}

/** Versions of the function table and the zone table, where the expressions use them. */
function expressionVersions(expressions: readonly Expression[]): Readonly<Record<string, number | string>> {
  const functions = new Set(expressions.flatMap(functionsOf))
  return {
    ...(functions.size === 0 ? {} : { functions: functionTableVersion }),
    ...(zonedFunctions.some((name) => functions.has(name)) ? { zones: zoneTableVersion } : {}),
  }
}

function functionsOf(expression: Expression): string[] {
  if (expression.kind !== 'call') return []
  return [expression.function, ...expression.arguments.flatMap(functionsOf)]
}
