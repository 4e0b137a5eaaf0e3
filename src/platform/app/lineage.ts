import { TruelineError } from '../../core/errors.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import {
  type LineageKind,
  type LineageNode,
  lineageId,
  lineageKinds,
} from '../../models/registry/lineage/lineage-node.ts'
import { findNode } from '../../models/registry/lineage/lineage-store.ts'
import { updateLineage } from '../../models/registry/lineage/update-lineage.ts'
import { type FoundLineage, type LineageDirection, walkLineage } from '../../models/registry/lineage/walk-lineage.ts'
import { versionName } from '../../models/registry/model-version.ts'
import { currentServing, listServing } from '../../models/registry/serving-history.ts'
import { listVersions, readVersion } from '../../models/registry/versions.ts'
import { parseBatchPredictionId, parsePredictionId } from '../../stores/log/prediction-block.ts'
import type { LineageAnswer, LineageThing, VersionImpact } from '../api/lineage-answers.ts'
import { type RecordParts, readPrediction, settle } from './recorded.ts'

export interface LineageParts extends RecordParts {
  readonly project: ProjectDefinition
}

export interface LineageQuery {
  readonly of: string
  readonly direction?: LineageDirection | 'both'
  /** Most things; 1,000 unless given. */
  readonly most?: number
}

const MOST = 1000

/**
 * What something was made from, and what was made from it.
 * @throws TruelineError `unknown_lineage`; of a prediction what reading it throws
 */
export async function lineageOf(
  parts: LineageParts,
  { of, direction = 'both', most = MOST }: LineageQuery,
): Promise<LineageAnswer> {
  await bringUpToDate(parts)
  const { database } = parts.metadata
  const asked = isModel(of, parts.project) ? await servingVersion(parts, of) : parseName(of, parts.project)
  const prediction = asked.kind === 'prediction' ? await predictionNode(parts, asked.name) : undefined
  const from = prediction === undefined ? [await requireNode(parts, asked)] : prediction.madeFrom
  const up =
    direction === 'down' && prediction === undefined ? undefined : await walkLineage(database, from, 'up', most)
  // What was made from what a prediction was made from is not made from the prediction.
  const down =
    direction === 'up' || prediction !== undefined ? undefined : await walkLineage(database, from, 'down', most)
  const answer = answerOf(of, up, down)
  if (prediction === undefined) return { ...answer, of: lineageId(asked), impact: await impactOf(parts, down) }
  const id = lineageId(prediction.node)
  return {
    ...answer,
    of: id,
    nodes: [thingOf(prediction.node), ...answer.nodes],
    edges: [...prediction.from.map((source) => ({ from: source, to: id })), ...answer.edges],
    impact: [],
  }
}

/** Brings the lineage up to what is recorded: to be called before records are forgotten, too. */
export async function bringUpToDate({ metadata, lake }: Pick<LineageParts, 'metadata' | 'lake'>) {
  const known = new Map<string, Map<string, ReturnType<typeof lake.files>[number]>>()
  await updateLineage(metadata, {
    fileOf(stream, digest) {
      let files = known.get(stream)
      if (files === undefined) {
        files = new Map(lake.everyFile(stream).map((file) => [file.digest, file]))
        known.set(stream, files)
      }
      return files.get(digest)
    },
  })
}

/** Whether a text names a model alone; a stream or source of that name comes first. */
function isModel(text: string, { models, sources = {}, streams }: ProjectDefinition): boolean {
  return models[text] !== undefined && sources[text] === undefined && streams[text] === undefined
}

/** @throws TruelineError `unknown_lineage` when none of the model's versions serves, with those that there are */
async function servingVersion({ metadata }: LineageParts, model: string): Promise<Pick<LineageNode, 'kind' | 'name'>> {
  const serving = await currentServing(metadata, model)
  if (serving !== undefined) return { kind: 'version', name: versionName(model, serving.version) }
  const { items } = await listVersions(metadata, model, { limit: 20 })
  const names = items.map(({ version }) => versionName(model, version))
  throw new TruelineError('unknown_lineage', `No version of ${model} serves: its lineage is that of its versions.`, {
    path: 'of',
    remedy:
      names.length === 0 ? `Train one: \`trueline train ${model}\`.` : `Ask for one of them: ${names.join(', ')}.`,
  })
}

/** What a text names: `kind:name`, or a name that says by itself what it is of. */
function parseName(text: string, { sources = {}, streams }: ProjectDefinition): Pick<LineageNode, 'kind' | 'name'> {
  const colon = text.indexOf(':')
  const kind = text.slice(0, colon) as LineageKind
  if (colon > 0 && lineageKinds.includes(kind)) return { kind, name: text.slice(colon + 1) }
  if (parsePredictionId(text) !== undefined || parseBatchPredictionId(text) !== undefined)
    return { kind: 'prediction', name: text }
  if (/^run-\d+$/.test(text)) return { kind: 'run', name: text }
  if (/^b\d+$/.test(text)) return { kind: 'batch', name: text }
  if (/^[^/@]+\/\d+$/.test(text))
    return { kind: sources[text.split('/')[0]!] === undefined ? 'version' : 'source_run', name: text }
  if (text.includes('@')) return { kind: 'features', name: text }
  if (sources[text] !== undefined) return { kind: 'source', name: text }
  if (streams[text] !== undefined) return { kind: 'stream', name: text }
  if (text.startsWith('sha256:')) return { kind: 'dataset', name: text }
  throw unknown(text)
}

/** The number of a node; a digest may be that of a file as well. */
async function requireNode(
  { metadata }: LineageParts,
  { kind, name }: Pick<LineageNode, 'kind' | 'name'>,
): Promise<number> {
  const number =
    (await findNode(metadata.database, kind, name)) ??
    (kind === 'dataset' ? await findNode(metadata.database, 'file', name) : undefined)
  if (number === undefined) throw unknown(lineageId({ kind, name }))
  return number
}

function unknown(text: string): TruelineError {
  return new TruelineError('unknown_lineage', `Nothing in the lineage is called '${text}'.`, { path: 'of' })
}

/** A prediction, and the numbers of what it was made from: its version and the streams; of a batch's row the batch. */
async function predictionNode(
  parts: LineageParts,
  id: string,
): Promise<{ readonly node: LineageNode; readonly madeFrom: readonly number[]; readonly from: readonly string[] }> {
  const batchRow = parseBatchPredictionId(id)
  if (batchRow !== undefined) {
    const batch = { kind: 'batch', name: batchRow.run } as const
    const madeFrom = [await requireNode(parts, batch)]
    const node = { kind: 'prediction', name: id, at: 0, facts: { row: batchRow.row } } as const
    return { node, madeFrom, from: [lineageId(batch)] }
  }
  await settle(parts)
  const { layout, t, servedAt, score, decision, cut, mode } = await readPrediction(parts, id)
  const version = { kind: 'version', name: versionName(layout.model, layout.version) } as const
  const { features } = (await readVersion(parts.metadata, layout.model, layout.version)).manifest
  const groups = cut.flatMap(({ group }) => {
    const digest = features[group]
    return digest === undefined ? [] : [{ kind: 'features', name: `${group}@${digest}` } as const]
  })
  const sources = [version, ...groups]
  const madeFrom: number[] = []
  for (const source of sources) madeFrom.push(await requireNode(parts, source))
  const facts = { t, score, mode, ...(decision === undefined ? {} : { decision }), cut }
  return { node: { kind: 'prediction', name: id, at: servedAt, facts }, madeFrom, from: sources.map(lineageId) }
}

function answerOf(of: string, ...walks: readonly (FoundLineage | undefined)[]): Omit<LineageAnswer, 'impact'> {
  const found = walks.filter((walk) => walk !== undefined)
  const nodes = new Map(found.flatMap((walk) => [...walk.nodes]))
  const idOf = (number: number): string => lineageId(nodes.get(number)!)
  return {
    of,
    nodes: [...nodes.values()].map(thingOf),
    edges: found.flatMap(({ edges }) => edges).map(([from, to]) => ({ from: idOf(from), to: idOf(to) })),
    cut: found.some(({ isCut }) => isCut),
  }
}

function thingOf({ kind, name, at, facts }: LineageNode): LineageThing {
  return { id: lineageId({ kind, name }), kind, name, ...(at === 0 ? {} : { at }), facts }
}

/** What the versions among what was made from something have decided. */
async function impactOf(parts: LineageParts, down: FoundLineage | undefined): Promise<VersionImpact[]> {
  const impact: VersionImpact[] = []
  for (const { kind, name } of down?.nodes.values() ?? []) {
    if (kind !== 'version') continue
    const slash = name.lastIndexOf('/')
    const [model, version] = [name.slice(0, slash), Number(name.slice(slash + 1))]
    const served = await servedStretches(parts, model, version)
    impact.push({ model, version, served, predictions: parts.predictions.countOf(model, version) })
  }
  return impact
}

/** When a version served, oldest first. */
async function servedStretches(
  { metadata }: LineageParts,
  model: string,
  version: number,
): Promise<VersionImpact['served']> {
  const stretches: { from: number; to?: number }[] = []
  let until: number | undefined
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page = await listServing(metadata, model, { limit: 1000, ...(cursor === undefined ? {} : { cursor }) })
    for (const { version: one, from } of page.items) {
      if (one === version) stretches.unshift({ from, ...(until === undefined ? {} : { to: until }) })
      until = from
    }
    cursor = page.next
  }
  return stretches
}
