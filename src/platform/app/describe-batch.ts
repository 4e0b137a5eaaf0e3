import { availableParallelism } from 'node:os'
import { TruelineError } from '../../core/errors.ts'
import { formatTime } from '../../core/time.ts'
import { planVector, sequencesOf } from '../../data/features/vector.ts'
import type {
  BatchDefinition,
  DestinationLocation,
  PopulationLocation,
} from '../../language/define/batch-definition.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { ModelVersion } from '../../models/registry/model-version.ts'
import { currentServing } from '../../models/registry/serving-history.ts'
import { requireSignature } from '../../models/registry/signing/signature-store.ts'
import { readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import type { BatchJob } from '../../operate/serving/batch/batch-job.ts'
import { listHandRules } from '../../operate/serving/hand-rule-store.ts'
import type { Parts } from './assemble-platform.ts'

/** Most threads of a run: serving needs its share. */
const MOST_THREADS = 4

/** The state of registry and data that a run scores by. */
export interface ScoringState
  extends Pick<BatchJob, 'version' | 'project' | 'artifacts' | 'at' | 'offset' | 'files' | 'threads' | 'hand'> {}

export type DescribingParts = Pick<Parts, 'project' | 'metadata' | 'log' | 'lake' | 'clock' | 'directory'>

/**
 * What a run scores by: the version that serves, and all events that were known at a time.
 * @param at microseconds; now unless given
 * @throws TruelineError `no_model_serving`; `signature_missing`; `mode_not_served` for a model that is not meant for batches;
 *   `invalid_arguments` for a time that is still to come
 */
export async function scoringState(parts: DescribingParts, model: string, at?: number): Promise<ScoringState> {
  const { metadata, log, lake, clock, directory } = parts
  const serving = await currentServing(metadata, model)
  if (serving === undefined)
    throw new TruelineError('no_model_serving', `No version of '${model}' serves.`, { path: model })
  if (at !== undefined && at > clock.now())
    throw new TruelineError('invalid_arguments', `${formatTime(at)} lies in the future.`, { path: 'at' })
  const version = await readVersion(metadata, model, serving.version)
  await requireSignature(metadata, version, parts.project.models[model]?.signedBy)
  const project = await readVersionDefinition(metadata, version)
  refuseOtherModes(project, version)
  await lake.flush()
  return {
    ...{ version, project, artifacts: directory.paths.artifacts },
    // What became known this very moment is known.
    at: at ?? log.knownAt() + 1,
    offset: log.flushedOffset,
    files: eventFiles(parts, project, version),
    threads: Math.max(1, Math.min(MOST_THREADS, availableParallelism())),
    hand: await listHandRules(metadata, { model, inForceAt: clock.now() }),
  }
}

/** The files that hold what a run reads; more may be in them than when it began. */
export function eventFiles(
  { lake }: Pick<DescribingParts, 'lake'>,
  project: ProjectDefinition,
  { model, variant }: ModelVersion,
): BatchJob['files'] {
  const definition = project.models[model]!
  const streams = new Set([
    definition.at,
    ...sequencesOf(planVector(definition, project, variant)).map(({ stream }) => stream),
  ])
  return Object.fromEntries(
    [...streams].map((stream) => [
      stream,
      lake.files(stream).map(({ path, digest, rows }) => ({ path, digest, rows })),
    ]),
  )
}

function refuseOtherModes(project: ProjectDefinition, { model, version }: ModelVersion): void {
  const { modes } = project.models[model]!.serve
  if (modes.includes('batch')) return
  throw new TruelineError(
    'mode_not_served',
    `v${version} of '${model}' is served as ${modes.join(', ')}, not as batch.`,
    {
      path: `${model}.serve.modes`,
    },
  )
}

/** Where rows come from, in words; no address is shown. */
export function populationWords(population: PopulationLocation): string {
  switch (population.kind) {
    case 'csv':
    case 'jsonLines':
    case 'parquet':
      return population.paths.join(', ')
    case 'sqlite':
      return `${population.path}#${'table' in population.read ? population.read.table : 'query'}`
    case 'postgres':
      return `postgres ${'table' in population.read ? `table ${population.read.table}` : 'query'}`
    case 'stream':
      return `stream ${population.stream}`
  }
}

/** Where scores go, in words; no address is shown. */
export function destinationName(to: DestinationLocation): string {
  if (to.kind === 'postgres') return `postgres table ${to.table}`
  return to.kind === 'sqlite' ? `${to.path}#${to.table}` : to.path
}

/** What a job needs of a definition. */
export function jobDefinition({
  model,
  population,
  columns,
  keep,
  to,
  write,
  quality,
  rejectBudget,
  reasons,
}: BatchDefinition): BatchJob['definition'] {
  return {
    ...{ model, population, columns, keep, to, write, quality, rejectBudget },
    ...(reasons === undefined ? {} : { reasons }),
  }
}
