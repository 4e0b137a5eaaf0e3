import type { Clock } from '../../core/clock.ts'
import type { Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { type AuditFindings, auditVectors, collectVectors, emptyFindings } from '../../data/features/parity-audit.ts'
import { recomputeVectors } from '../../data/features/recompute-vectors.ts'
import type { VectorInput } from '../../data/features/vector.ts'
import { MASK } from '../../data/quality/mask-row.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { describeExpression, describeFeature } from '../../language/define/logic.ts'
import { readRun } from '../../models/registry/runs.ts'
import { readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { reportParity } from '../../operate/monitoring/parity-watch.ts'
import { decide } from '../../operate/serving/decide.ts'
import { loadVersion } from '../../operate/serving/load-version.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { EventLog, PredictionFilter } from '../../stores/log/event-log.ts'
import type { DecodedPredictions, Prediction } from '../../stores/log/prediction-block.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { AuditAnswer, FeatureReading, ReplayAnswer, TraceAnswer } from '../api/platform.ts'
import { newestEvents } from './newest-events.ts'
import { meaningOf, RAW_MODE, readingsOf, type Servings } from './predicting.ts'
import type { ShedPredictions } from './shed-predictions.ts'

export interface TruthParts {
  readonly project: ProjectDefinition
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly log: EventLog
  readonly lake: Lake
  readonly clock: Clock
  readonly servings: Servings
  readonly shed: ShedPredictions
  readonly desk: AlertDesk
  /** Counts of all audits since the start. */
  readonly audits: { checked: number; mismatches: number; unverifiable: number; at?: number }
}

export interface AuditQuery {
  readonly model?: string | undefined
  /** Predictions answered in [from, to), microseconds. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** At most so many, spread evenly over them: the same ones for the same log. */
  readonly sample?: number | undefined
  /** Which of them; all when absent. */
  readonly chosen?: ((block: DecodedPredictions, index: number) => boolean) | undefined
}

interface ModelAuditQuery extends AuditQuery {
  readonly model: string
}

/** Rows that are recomputed together: some hundred megabytes. */
const ROWS_AT_ONCE = 400_000

/**
 * Audits one model or all of the project, pages where values differ, and adds what was found to the platform's counts.
 * @throws TruelineError `unknown_model`
 */
export async function auditAndCount(parts: TruthParts, query: AuditQuery): Promise<AuditAnswer> {
  const { audits, shed, clock, desk, project } = parts
  const { model: only, sample } = query
  if (only !== undefined && project.models[only] === undefined)
    throw new TruelineError('unknown_model', `There is no model '${only}'.`, { path: only })
  await settle(parts)
  const queries = (only === undefined ? Object.keys(project.models) : [only]).map((model) => ({ ...query, model }))
  const sampled = sample === undefined ? undefined : await samplerOf(parts.log, queries, choiceOf(query), sample)
  const answers: AuditAnswer[] = []
  for (const one of queries) {
    const answer = await auditPredictions(parts, sampled === undefined ? one : { ...one, chosen: sampled })
    await reportParity(desk, { model: one.model, ...answer })
    answers.push(answer)
  }
  const answer = together(answers)
  audits.checked += answer.checked
  audits.mismatches += answer.mismatches
  audits.unverifiable = shed.count()
  audits.at = clock.now()
  return answer
}

/** The findings about several models as one answer. */
function together(answers: readonly AuditAnswer[]): AuditAnswer {
  const sum = (of: (answer: AuditAnswer) => number): number => answers.reduce((total, answer) => total + of(answer), 0)
  return {
    checked: sum(({ checked }) => checked),
    mismatches: sum(({ mismatches }) => mismatches),
    unverifiable: sum(({ unverifiable }) => unverifiable),
    seconds: sum(({ seconds }) => seconds),
    features: answers.flatMap(({ features }) => features),
    examples: answers.flatMap(({ examples }) => examples),
  }
}

/**
 * Recomputes what was served from the log and counts what differs. Unverifiable is what was answered and could not be
 * logged, whenever that was; raw vectors are left out, since nothing was looked up for them.
 */
async function auditPredictions(parts: TruthParts, query: ModelAuditQuery): Promise<AuditAnswer> {
  const { log, lake, clock, shed } = parts
  const started = clock.elapsed()
  await lake.flush()
  const chosen = choiceOf(query)
  const findings = emptyFindings()
  const duckdb = await openDuckdb({ memory: '2GB', temporaryFolder: lake.temporaryFolder })
  try {
    for await (const blocks of batchesOfOneVersion(log, query)) {
      const vectors = collectVectors(blocks, chosen)
      if (vectors.asked.length === 0) continue
      const version = await loadRecorded(parts, blocks[0]!.layout.model, blocks[0]!.layout.version)
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
  return answerOf(findings, shed.count(query.model), (clock.elapsed() - started) / 1e6)
}

type Choice = (block: DecodedPredictions, index: number) => boolean

/** Which of a model's predictions are meant. */
function choiceOf(query: AuditQuery): Choice {
  return (block, index) =>
    block.mode(index) !== RAW_MODE && inRange(block.servedAt[index]!, query) && (query.chosen?.(block, index) ?? true)
}

/** Chooses `sample` of all that is meant, at even distances as it comes, one query after the other. */
async function samplerOf(
  log: EventLog,
  queries: readonly ModelAuditQuery[],
  isMeant: Choice,
  sample: number,
): Promise<Choice> {
  let total = 0
  for (const query of queries)
    for await (const block of log.scanPredictions(filterOf(query)))
      for (let index = 0; index < block.length; index += 1) if (isMeant(block, index)) total += 1
  let seen = 0
  return (block, index) => {
    if (!isMeant(block, index)) return false
    const before = Math.floor((seen * sample) / total)
    seen += 1
    return sample >= total || Math.floor((seen * sample) / total) > before
  }
}

function inRange(
  time: number,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: AuditQuery,
): boolean {
  return time >= from && time < to
}

function filterOf({ model, from, to }: AuditQuery): PredictionFilter {
  return {
    by: 'servedAt',
    ...(model === undefined ? {} : { model }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

/** Blocks of one version at a time, as many as are recomputed together. */
async function* batchesOfOneVersion(log: EventLog, query: AuditQuery): AsyncGenerator<DecodedPredictions[]> {
  let batch: DecodedPredictions[] = []
  let rows = 0
  for await (const block of log.scanPredictions(filterOf(query))) {
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

function answerOf(
  { checked, mismatches, features, examples }: AuditFindings,
  shed: number,
  seconds: number,
): AuditAnswer {
  const shown = (value: number): number | null => (Number.isNaN(value) ? null : value)
  return {
    checked,
    mismatches,
    unverifiable: shed,
    seconds,
    features: Array.from(features, ([feature, counts]) => ({ feature, ...counts })),
    examples: examples.map((one) => ({ ...one, served: shown(one.served), replayed: shown(one.replayed) })),
  }
}

/** A prediction back to its model, its features, and the events that these were made from. */
export async function tracePrediction(parts: TruthParts, id: string): Promise<TraceAnswer> {
  const { prediction, version } = await readRecorded(parts, id)
  const registered = await readVersion(parts.metadata, prediction.layout.model, prediction.layout.version)
  const run = await readRun(parts.metadata, registered.runId)
  const { plan } = version
  const readings = readingsOf(plan.inputs, prediction.values, prediction.statuses)
  const isRaw = prediction.mode === RAW_MODE
  const traced = isRaw ? undefined : await newestEvents(parts.lake, meaningOf(version), prediction)
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
      row: openRow(prediction, meaningOf(version).schema),
      score: prediction.score,
      ...(prediction.decision === undefined ? {} : { decision: prediction.decision }),
    },
    ...(content === undefined ? {} : { run: { id: run.id, dataset: content, author: run.author.name } }),
    features: plan.inputs.map((input, index) => ({
      ...readings[index]!,
      logic: logicOf(version, input),
      ...(input.source.kind === 'feature' ? { digest: version.groupDigests[input.source.group]! } : {}),
      ...(input.source.kind === 'feature' && traced !== undefined
        ? { events: traced(input.source.group, input.source.index) }
        : {}),
    })),
    cut: prediction.cut,
  }
}

/** The asking row without what its schema calls sensitive. */
function openRow({ row }: Prediction, schema: Schema): Record<string, unknown> {
  const values = Object.entries(JSON.parse(row) as Record<string, unknown>)
  const isSensitive = (name: string): boolean => schema[name]?.sensitive === true
  return Object.fromEntries(values.map(([name, value]) => [name, value !== null && isSensitive(name) ? MASK : value]))
}

/** The same prediction again: its vector from the log, its score from the registered model. */
export async function replayPrediction(parts: TruthParts, id: string): Promise<ReplayAnswer> {
  const { prediction, version } = await readRecorded(parts, id)
  const again = prediction.mode === RAW_MODE ? prediction : await recomputeOne(parts, version, prediction)
  const score = version.scorer.scoreRow(again.values, 0)
  const decision = decide(version.model.serve, score)
  const served = readingsOf(version.plan.inputs, prediction.values, prediction.statuses)
  const replayed = readingsOf(version.plan.inputs, again.values, again.statuses)
  const differences = version.plan.inputs.flatMap(({ name }, index) =>
    Object.is(prediction.values[index], again.values[index]) && prediction.statuses[index] === again.statuses[index]
      ? []
      : [{ feature: name, served: readingAt(served, index), replayed: readingAt(replayed, index) }],
  )
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

function readingAt(readings: readonly FeatureReading[], index: number): Omit<FeatureReading, 'name'> {
  const { value, status } = readings[index]!
  return { value, status }
}

async function recomputeOne(
  { lake }: TruthParts,
  version: ServedVersion,
  prediction: Prediction,
): Promise<Pick<Prediction, 'values' | 'statuses'>> {
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
    return {
      values: Float64Array.from(vectors.values, (column) => column[0]!),
      statuses: Uint8Array.from(vectors.statuses, (column) => column[0]!),
    }
  } finally {
    duckdb.close()
  }
}

/** Brings what was answered into the log. */
async function settle({ servings, log }: TruthParts): Promise<void> {
  for (const serving of servings.values()) serving.flush(true)
  await log.drained()
}

/** A prediction with the version that made it, and what it was made from in the lake. */
async function readRecorded(
  parts: TruthParts,
  id: string,
): Promise<{ prediction: Prediction; version: ServedVersion }> {
  const { log, lake } = parts
  await settle(parts)
  const prediction = log.readPrediction(id)
  if (prediction.cut.some(({ offset }) => offset > log.flushedOffset)) await lake.flush()
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

function logicOf({ plan }: ServedVersion, { source }: VectorInput): string {
  if (source.kind === 'row') return describeExpression(source.expression)
  const { definition, features } = plan.groups[source.group]!
  return describeFeature(definition.select[features[source.index]!]!)
}
