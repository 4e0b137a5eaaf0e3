import { canonicalJson } from '../../core/canonical.ts'
import type { Digest } from '../../core/digest.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { VectorAuditor } from '../../data/features/audit-thread.ts'
import { unverifiableInputs } from '../../data/features/masked-inputs.ts'
import {
  type AuditFindings,
  collectVectors,
  emptyFindings,
  type VectorsToCheck,
} from '../../data/features/parity-audit.ts'
import type { VectorMeaning } from '../../data/features/recompute-vectors.ts'
import { sequencesOf } from '../../data/features/vector.ts'
import { statusNames } from '../../kernel/status.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { readVersion } from '../../models/registry/versions.ts'
import { digestOfInput, inputDigests } from '../../models/training/input-digests.ts'
import { byName, type ParityWatch } from '../../operate/monitoring/parity-watch.ts'
import { keepParity } from '../../operate/readiness/parity-record.ts'
import { LOAD_TEST_MODE } from '../../operate/serving/load-test-mode.ts'
import type { PredictionFilter } from '../../stores/log/event-log.ts'
import type { DecodedPredictions, PredictionLayout } from '../../stores/log/prediction-block.ts'
import { EvenSample } from '../../stores/predictions/even-sample.ts'
import type { Predictions } from '../../stores/predictions/predictions.ts'
import type { AuditAnswer } from '../api/truth-answers.ts'
import type { AuditCounts } from './keep-audits.ts'
import { RAW_MODE } from './predicting.ts'
import { type RecordParts, recordedMeaning, settle } from './recorded.ts'
import type { PredictionCounter, ShedPredictions } from './shed-predictions.ts'

export interface AuditParts extends RecordParts {
  readonly project: ProjectDefinition
  readonly shed: ShedPredictions
  readonly unsampled: PredictionCounter
  readonly parity: ParityWatch
  readonly audits: AuditCounts
  readonly auditor: VectorAuditor
}

export interface AuditQuery {
  readonly model?: string | undefined
  /** Predictions answered in [from, to), microseconds. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** At most so many, spread evenly over them: the same ones for the same log. */
  readonly sample?: number | undefined
  /** Whether it takes up where the one before ended. */
  readonly continues?: boolean | undefined
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
export async function auditAndCount(parts: AuditParts, query: AuditQuery): Promise<AuditAnswer> {
  const { audits, shed, clock, parity, project } = parts
  const { model: only, sample } = query
  if (only !== undefined && project.models[only] === undefined)
    throw unknownName('unknown_model', 'model', only, Object.keys(project.models))
  await settle(parts)
  const queries = (only === undefined ? Object.keys(project.models) : [only]).map((model) => ({ ...query, model }))
  const sampled = sample === undefined ? undefined : await sampleOf(parts.predictions, queries, sample)
  const answers: AuditAnswer[] = []
  for (const one of queries) {
    const answer = await auditPredictions(parts, one, sampled)
    await parity.report({ model: one.model, at: clock.now(), continues: query.continues ?? false, ...answer })
    await keepParity(parts.metadata, one.model, { at: clock.now(), ...found(answer) })
    answers.push({ ...answer, features: byName(answer.features) })
  }
  const answer = together(answers)
  audits.checked += answer.checked
  audits.mismatches += answer.mismatches
  audits.unverifiable = shed.count()
  audits.at = clock.now()
  return answer
}

function found({ checked, mismatches }: AuditAnswer): Pick<AuditAnswer, 'checked' | 'mismatches'> {
  return { checked, mismatches }
}

/** The findings about several models as one answer. */
function together(answers: readonly AuditAnswer[]): AuditAnswer {
  const sum = (of: (answer: AuditAnswer) => number): number => answers.reduce((total, answer) => total + of(answer), 0)
  return {
    checked: sum(({ checked }) => checked),
    mismatches: sum(({ mismatches }) => mismatches),
    unverifiable: sum(({ unverifiable }) => unverifiable),
    because: {
      not_logged: sum(({ because }) => because.not_logged),
      removed: sum(({ because }) => because.removed),
    },
    masked: sum(({ masked }) => masked),
    unsampled: sum(({ unsampled }) => unsampled),
    left_out: {
      infer: sum((answer) => answer.left_out.infer),
      loadtest: sum((answer) => answer.left_out.loadtest),
    },
    seconds: sum(({ seconds }) => seconds),
    features: answers.flatMap(({ features }) => features),
    examples: answers.flatMap(({ examples }) => examples),
  }
}

/**
 * Recomputes what was served from the log and counts what differs. Unverifiable is what was answered and could not be
 * logged, whenever that was, and what was removed since, by whole files; raw vectors and load tests are left out.
 */
async function auditPredictions(
  parts: AuditParts,
  query: ModelAuditQuery,
  sampled: Sampled | undefined,
): Promise<AuditAnswer> {
  const { predictions, clock, shed, unsampled } = parts
  const started = clock.elapsed()
  let findings = emptyFindings()
  const filter = { ...filterOf(query), open: true }
  const left = sampled === undefined ? { infer: 0, loadtest: 0 } : leftOutOf(sampled.counts.get(query.model)!)
  const found =
    sampled === undefined
      ? predictions.scan(filter)
      : predictions.sample({ ...filter, without: LEFT_OUT }, sampled.evenly)
  const count = (block: DecodedPredictions): void => {
    if (sampled === undefined) countLeftOut(block, query, left)
  }
  for await (const { layout, vectors } of vectorsOfOneVersion(found, choiceOf(query), count))
    findings = await auditOfOneVersion(parts, layout, vectors, findings)
  const gone = { not_logged: shed.count(query.model), removed: predictions.removedRows(filterOf(query)) }
  const missing = { because: gone, unsampled: unsampled.count(query.model), left_out: left }
  return answerOf(findings, missing, (clock.elapsed() - started) / 1e6)
}

async function auditOfOneVersion(
  parts: AuditParts,
  layout: PredictionLayout,
  vectors: readonly VectorsToCheck[],
  findings: AuditFindings,
): Promise<AuditFindings> {
  const { lake, predictions, auditor } = parts
  const meaning = await recordedMeaning(parts, layout.model, layout.version)
  const { changed, digests } = await inputsOf(parts, layout, meaning)
  const { masks } = layout
  const masked = masks === undefined ? new Set<number>() : unverifiableInputs(meaning.plan, masks, predictions.secret)
  const streams = new Set(sequencesOf(meaning.plan).map(({ stream }) => stream))
  const events = await lake.history([...streams])
  try {
    const eventFiles = Object.fromEntries(Array.from(streams, (stream) => [stream, events.of(stream)]))
    const { temporaryFolder } = lake
    return await auditor.audit({ meaning, vectors, digests, changed, masked, eventFiles, temporaryFolder, findings })
  } finally {
    await events.remove()
  }
}

/**
 * Of a version's inputs the digest of what each is a part of, and the places of those that mean something else than what was registered,
 * or recorded with its predictions.
 */
async function inputsOf(
  { metadata }: AuditParts,
  { model, version, digest: recorded }: PredictionLayout,
  { plan, project }: VectorMeaning,
): Promise<{ readonly changed: ReadonlySet<number>; readonly digests: readonly (Digest | undefined)[] }> {
  const { manifest, digest } = await readVersion(metadata, model, version)
  const now = inputDigests(plan, project, model)
  const names = Object.keys(now).filter((name) => now[name] !== manifest.features[name])
  const isChanged = (input: string): boolean => names.some((name) => input === name || input.startsWith(`${name}.`))
  return {
    changed: new Set(plan.inputs.flatMap(({ name }, place) => (digest !== recorded || isChanged(name) ? [place] : []))),
    digests: plan.inputs.map(({ name }) => digestOfInput(now, name)),
  }
}

type Choice = (block: DecodedPredictions, index: number) => boolean

/** Which of a model's predictions are meant. */
function choiceOf(query: AuditQuery): Choice {
  return (block, index) =>
    isAudited(block.mode(index)) && inRange(block.servedAt[index]!, query) && (query.chosen?.(block, index) ?? true)
}

/** Nothing was looked up for raw vectors, and load tests ask the same again and again. */
const LEFT_OUT = [RAW_MODE, LOAD_TEST_MODE] as const

function isAudited(mode: string): boolean {
  return mode !== RAW_MODE && mode !== LOAD_TEST_MODE
}

function leftOutOf(counts: ReadonlyMap<string, number>): { infer: number; loadtest: number } {
  return { infer: counts.get(RAW_MODE) ?? 0, loadtest: counts.get(LOAD_TEST_MODE) ?? 0 }
}

function countLeftOut(block: DecodedPredictions, query: AuditQuery, left: { infer: number; loadtest: number }): void {
  for (let index = 0; index < block.length; index += 1) {
    const mode = block.mode(index)
    if (isAudited(mode) || !inRange(block.servedAt[index]!, query)) continue
    if (mode === RAW_MODE) left.infer += 1
    else left.loadtest += 1
  }
}

/** What is looked at of all that is meant, one query after the other. */
interface Sampled {
  readonly evenly: EvenSample
  /** By model: how many there are, by mode. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<string, number>>
}

async function sampleOf(
  predictions: Predictions,
  queries: readonly ModelAuditQuery[],
  sample: number,
): Promise<Sampled> {
  const counts = new Map<string, ReadonlyMap<string, number>>()
  let total = 0
  for (const query of queries) {
    const ofModel = await predictions.count(filterOf(query))
    counts.set(query.model, ofModel)
    for (const [mode, count] of ofModel) if (isAudited(mode)) total += count
  }
  return { evenly: new EvenSample(total, sample), counts }
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

/** Chosen predictions of one version at a time, as many as are recomputed together. */
async function* vectorsOfOneVersion(
  blocks: AsyncIterable<DecodedPredictions>,
  chosen: Choice,
  countLeft: (block: DecodedPredictions) => void,
): AsyncGenerator<{ readonly layout: PredictionLayout; readonly vectors: readonly VectorsToCheck[] }> {
  let parts: VectorsToCheck[] = []
  let rows = 0
  let layout: PredictionLayout | undefined
  for await (const block of blocks) {
    const isOfOther = layout !== undefined && !isSameLayout(layout, block.layout)
    if (layout !== undefined && rows > 0 && (isOfOther || rows >= ROWS_AT_ONCE)) {
      yield { layout, vectors: parts }
      parts = []
      rows = 0
    }
    layout = block.layout
    countLeft(block)
    const vectors = collectVectors(block, chosen)
    block.release()
    if (vectors.asked.length === 0) continue
    parts.push(vectors)
    rows += vectors.asked.length
  }
  if (layout !== undefined && rows > 0) yield { layout, vectors: parts }
}

function answerOf(
  { checked, mismatches, masked, features, examples }: AuditFindings,
  { because, unsampled, left_out }: Pick<AuditAnswer, 'because' | 'unsampled' | 'left_out'>,
  seconds: number,
): AuditAnswer {
  const shown = (value: number): number | null => (Number.isNaN(value) ? null : value)
  return {
    checked,
    mismatches,
    unverifiable: because.not_logged + because.removed,
    ...{ because, masked, unsampled, left_out },
    seconds,
    features: Array.from(features.values(), ({ causes, ...counts }) => ({
      ...counts,
      causes: Object.fromEntries(causes),
    })),
    examples: examples.map(({ statuses: [served, replayed], ...one }) => ({
      ...{ ...one, served: shown(one.served), replayed: shown(one.replayed) },
      statuses: [statusNames[served]!, statusNames[replayed]!] as const,
    })),
  }
}

/** Versions, and what was masked of them: that may change while one serves. */
function isSameLayout(one: PredictionLayout, other: PredictionLayout): boolean {
  if (one.model !== other.model || one.version !== other.version) return false
  return canonicalJson(one.masks ?? null) === canonicalJson(other.masks ?? null)
}
