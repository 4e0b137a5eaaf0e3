import type { Clock } from '../../core/clock.ts'
import { TruelineError } from '../../core/errors.ts'
import { type AuditFindings, auditVectors, collectVectors, emptyFindings } from '../../data/features/parity-audit.ts'
import { recomputeVectors, type VectorMeaning } from '../../data/features/recompute-vectors.ts'
import type { VectorInput } from '../../data/features/vector.ts'
import { describeExpression, describeFeature } from '../../language/define/logic.ts'
import { readRun } from '../../models/registry/runs.ts'
import { readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import { decide } from '../../operate/serving/decide.ts'
import { loadVersion } from '../../operate/serving/load-version.ts'
import { requestSchema } from '../../operate/serving/request-schema.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { DecodedPredictions, Prediction } from '../../stores/log/prediction-block.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { AuditAnswer, ReplayAnswer, TraceAnswer } from '../api/platform.ts'
import { newestEvents } from './newest-events.ts'
import { readingsOf } from './predicting.ts'

export interface TruthParts {
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly log: EventLog
  readonly lake: Lake
  readonly clock: Clock
}

export interface AuditQuery {
  readonly model?: string | undefined
  /** Predictions answered in [from, to), microseconds. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** Which of them; all when absent. */
  readonly chosen?: ((block: DecodedPredictions, index: number) => boolean) | undefined
}

/** How predictions that carried a raw vector are marked: nothing was looked up for them. */
export const RAW_MODE = 'infer'

/** Rows that are recomputed together: some hundred megabytes. */
const ROWS_AT_ONCE = 400_000

/** Recomputes what was served from the log and counts what differs. */
export async function auditPredictions(parts: TruthParts, query: AuditQuery): Promise<AuditAnswer> {
  const { log, lake, clock } = parts
  const started = clock.elapsed()
  await log.drained()
  await lake.flush()
  const findings = emptyFindings()
  const inputs = new Set<string>()
  const duckdb = await openDuckdb({ memory: '2GB', temporaryFolder: lake.temporaryFolder })
  try {
    for await (const blocks of batchesOfOneVersion(log, query)) {
      const version = await loadRecorded(parts, blocks[0]!.layout.model, blocks[0]!.layout.version)
      for (const { name } of version.plan.inputs) inputs.add(name)
      const chosen = (block: DecodedPredictions, index: number): boolean =>
        block.mode(index) !== RAW_MODE &&
        inRange(block.servedAt[index]!, query) &&
        (query.chosen?.(block, index) ?? true)
      const vectors = collectVectors(blocks, chosen)
      if (vectors.asked.length === 0) continue
      await duckdb.withConnection((connection) =>
        auditVectors(
          connection,
          meaningOf(version),
          vectors,
          (stream) => lake.files(stream).map(({ path }) => path),
          findings,
        ),
      )
    }
  } finally {
    duckdb.close()
  }
  return answerOf(findings, inputs, (clock.elapsed() - started) / 1e6)
}

function inRange(
  time: number,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: AuditQuery,
): boolean {
  return time >= from && time < to
}

/** Blocks of one version at a time, as many as are recomputed together. */
async function* batchesOfOneVersion(
  log: EventLog,
  { model, from, to }: AuditQuery,
): AsyncGenerator<DecodedPredictions[]> {
  const filter = {
    by: 'servedAt',
    ...(model === undefined ? {} : { model }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  } as const
  let batch: DecodedPredictions[] = []
  let rows = 0
  for await (const block of log.scanPredictions(filter)) {
    const before = batch[0]?.layout
    const sameVersion =
      before === undefined || (before.model === block.layout.model && before.version === block.layout.version)
    if (!sameVersion || rows >= ROWS_AT_ONCE) {
      yield batch
      batch = []
      rows = 0
    }
    batch.push(block)
    rows += block.length
  }
  if (batch.length > 0) yield batch
}

function answerOf(findings: AuditFindings, inputs: ReadonlySet<string>, seconds: number): AuditAnswer {
  const shown = (value: number): number | null => (Number.isNaN(value) ? null : value)
  return {
    checked: findings.checked,
    mismatches: findings.mismatches,
    unverifiable: 0,
    seconds,
    features: [...inputs].map((feature) => ({
      feature,
      checked: findings.checked,
      mismatches: findings.byFeature.get(feature) ?? 0,
    })),
    examples: findings.examples.map((one) => ({ ...one, served: shown(one.served), replayed: shown(one.replayed) })),
  }
}

/** A prediction back to its model, its features, and the events that these were made from. */
export async function tracePrediction(parts: TruthParts, id: string): Promise<TraceAnswer> {
  const { prediction, version } = await readRecorded(parts, id)
  const registered = await readVersion(parts.metadata, prediction.layout.model, prediction.layout.version)
  const run = await readRun(parts.metadata, registered.runId)
  const { plan } = version
  const readings = readingsOf(plan.inputs, prediction.values, prediction.statuses)
  const traced = await newestEvents(parts.lake, meaningOf(version), prediction)
  const content = (run.data as { content?: string } | null)?.content
  return {
    prediction: {
      id,
      model: prediction.layout.model,
      version: prediction.layout.version,
      digest: prediction.layout.digest,
      t: prediction.t,
      servedAt: prediction.servedAt,
      mode: prediction.mode,
      row: JSON.parse(prediction.row) as Record<string, unknown>,
      score: prediction.score,
      ...(prediction.decision === undefined ? {} : { decision: prediction.decision }),
    },
    ...(content === undefined ? {} : { run: { id: run.id, dataset: content, author: run.author.name } }),
    features: plan.inputs.map((input, index) => ({
      ...readings[index]!,
      logic: logicOf(version, input),
      ...(input.source.kind === 'feature'
        ? { digest: version.groupDigests[input.source.group]!, events: traced(input.source.group, input.source.index) }
        : {}),
    })),
    cut: prediction.cut,
  }
}

/** The same prediction again: its vector from the log, its score from the registered model. */
export async function replayPrediction(parts: TruthParts, id: string): Promise<ReplayAnswer> {
  const { prediction, version } = await readRecorded(parts, id)
  const again = prediction.mode === RAW_MODE ? prediction.values : await recomputeOne(parts, version, prediction)
  const score = version.scorer.scoreRow(again, 0)
  const decision = decide(version.model.serve, score)
  const shown = (value: number): number | null => (Number.isNaN(value) ? null : value)
  const differences = version.plan.inputs.flatMap(({ name }, index) => {
    const served = prediction.values[index]!
    const replayed = again[index]!
    return Object.is(served, replayed) ? [] : [{ feature: name, served: shown(served), replayed: shown(replayed) }]
  })
  return {
    id,
    same: differences.length === 0 && Object.is(score, prediction.score) && decision === prediction.decision,
    served: {
      score: prediction.score,
      ...(prediction.decision === undefined ? {} : { decision: prediction.decision }),
    },
    replayed: { score, ...(decision === undefined ? {} : { decision }) },
    differences,
  }
}

async function recomputeOne(
  { lake }: TruthParts,
  version: ServedVersion,
  prediction: Prediction,
): Promise<Float64Array> {
  const asked = {
    length: 1,
    rows: [prediction.row],
    t: Float64Array.of(prediction.t),
    offsets: prediction.cut.map(({ offset }) => Float64Array.of(offset)),
  }
  const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder })
  try {
    const vectors = await duckdb.withConnection((connection) =>
      recomputeVectors(connection, meaningOf(version), asked, (stream) => lake.files(stream).map(({ path }) => path)),
    )
    return Float64Array.from(vectors.values, (column) => column[0]!)
  } finally {
    duckdb.close()
  }
}

async function readRecorded(
  parts: TruthParts,
  id: string,
): Promise<{ prediction: Prediction; version: ServedVersion }> {
  await parts.log.drained()
  const prediction = parts.log.readPrediction(id)
  await parts.lake.flush()
  return { prediction, version: await loadRecorded(parts, prediction.layout.model, prediction.layout.version) }
}

async function loadRecorded(
  { metadata, artifacts }: TruthParts,
  model: string,
  number: number,
): Promise<ServedVersion> {
  const version = await readVersion(metadata, model, number)
  const project = await readVersionDefinition(metadata, version)
  if (project.models[model] === undefined)
    throw new TruelineError('unknown_model', `Version ${number} has no definition of '${model}'.`)
  return await loadVersion(version, project, artifacts)
}

/** How a version's vectors are made. */
export function meaningOf({ plan, project, model }: ServedVersion): VectorMeaning {
  return { plan, project, schema: requestSchema(model, project, plan) }
}

function logicOf({ plan }: ServedVersion, { source }: VectorInput): string {
  if (source.kind === 'row') return describeExpression(source.expression)
  const { definition, features } = plan.groups[source.group]!
  return describeFeature(definition.select[features[source.index]!]!)
}
