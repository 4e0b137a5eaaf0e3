import type { Schema } from '../../core/data-type.ts'
import type { Digest } from '../../core/digest.ts'
import { lostInputs, unverifiableInputs } from '../../data/features/masked-inputs.ts'
import { recomputeVectors } from '../../data/features/recompute-vectors.ts'
import type { VectorInput } from '../../data/features/vector.ts'
import { MASK } from '../../data/quality/mask-row.ts'
import { describeExpression, describeFeature, describeTableColumn } from '../../language/define/logic.ts'
import { createDictionary, type Dictionary } from '../../language/expr/dictionary.ts'
import { importedFile, loggedOrigin } from '../../models/registry/import-origin.ts'
import type { ModelVersion } from '../../models/registry/model-version.ts'
import { type Run, readRun } from '../../models/registry/runs.ts'
import { readVersion } from '../../models/registry/versions.ts'
import { classAnswer } from '../../operate/serving/class-answer.ts'
import { predictionOverrides, readHandRule } from '../../operate/serving/hand-rule-store.ts'
import { createHandRules, type HandRules, handRuleIn } from '../../operate/serving/hand-rules.ts'
import { scoreRecorded } from '../../operate/serving/score-recorded.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { Verdict } from '../../operate/serving/verdict.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import type { Prediction } from '../../stores/log/prediction-block.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { FeatureReading } from '../api/feature-answers.ts'
import type { ReplayAnswer, TraceAnswer } from '../api/truth-answers.ts'
import { askedValue } from './asked-value.ts'
import type { Explaining } from './explaining.ts'
import { newestEvents } from './newest-events.ts'
import { meaningOf, RAW_MODE, readingsOf } from './predicting.ts'
import { loadRecorded, type RecordParts, readPrediction, settle } from './recorded.ts'
import { traceExplanation } from './trace-explanation.ts'

/** A prediction back to its model, its features, and the events that these were made from. */
export async function tracePrediction(parts: RecordParts, explaining: Explaining, id: string): Promise<TraceAnswer> {
  const { prediction, version } = await readRecorded(parts, id)
  const registered = await readVersion(parts.metadata, prediction.layout.model, prediction.layout.version)
  const run = await readRun(parts.metadata, registered.runId)
  const { plan } = version
  const isRaw = prediction.mode === RAW_MODE
  const dictionary = createDictionary()
  // The log has only codes of texts: what they are is found where they came from.
  if (!isRaw && plan.inputs.some(({ type }) => type === 'string'))
    await recomputeOne(parts, version, prediction, dictionary)
  const readings = readingsOf(plan.inputs, prediction.values, prediction.statuses, dictionary.textOf)
  const traced = isRaw ? undefined : await newestEvents(parts.lake, meaningOf(version), prediction)
  const content = (run.data as { content?: string } | null)?.content
  const overrides = await predictionOverrides(parts.metadata, id)
  const origin = await originOf(parts.metadata, registered, run)
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
      times: Object.entries(meaningOf(version).schema).flatMap(([name, { type }]) =>
        type === 'timestamp' ? [name] : [],
      ),
      score: prediction.score,
      ...classAnswer(prediction.layout.classes, prediction.probabilities),
      ...(version.calibration === undefined ? {} : { raw: scoreRecorded(version, prediction, prediction).raw }),
      ...decidedOf(prediction),
    },
    ...(overrides.length === 0
      ? {}
      : { overrides: overrides.map(({ decision, reason, by, at }) => ({ decision, reason, by: by.name, at })) }),
    ...(content === undefined ? {} : { run: { id: run.id, dataset: content, author: run.author.name, ...origin } }),
    ...(await traceExplanation(explaining, version, prediction)),
    features: plan.inputs.map((input, index) => {
      const events = traced?.(input)
      const { value, ...reading } = readings[index]!
      return {
        ...reading,
        value:
          prediction.layout.masks?.features.includes(index) || (value !== null && isSensitive(version, input))
            ? MASK
            : value,
        logic: logicOf(version, input),
        ...digestIn(version, input),
        ...(events === undefined ? {} : { events }),
      }
    }),
    cut: prediction.cut,
  }
}

/** Where a version that was not trained here came from. */
async function originOf(
  { database }: Metadata,
  { model, version }: ModelVersion,
  { parameters }: Run,
): Promise<Pick<NonNullable<TraceAnswer['run']>, 'imported'>> {
  const file = importedFile(parameters)
  if (file === undefined) return {}
  const logged = await loggedOrigin(database, model, version)
  const run = logged?.run === undefined ? {} : { run: logged.run }
  return {
    imported: {
      from: file.from ?? file.file,
      ...(logged === undefined ? {} : { logged: { by: logged.by.name, ...run } }),
    },
  }
}

/** The asking row without what its schema calls sensitive. */
function openRow({ row, layout: { masks } }: Prediction, schema: Schema): Record<string, unknown> {
  const values = Object.entries(JSON.parse(row) as Record<string, unknown>)
  const isHashed = (name: string): boolean => masks?.columns[name] === 'hash'
  const isSensitive = (name: string, value: unknown): boolean =>
    isHashed(name) || (value !== null && schema[name]?.sensitive === true)
  return Object.fromEntries(
    values.map(([name, value]) => [name, isSensitive(name, value) ? MASK : askedValue(value, schema[name])]),
  )
}

/** The same prediction again: its vector from the log, its score from the registered model. */
export async function replayPrediction(parts: RecordParts, id: string): Promise<ReplayAnswer> {
  const { prediction, version } = await readRecorded(parts, id)
  const dictionary = createDictionary()
  const isRaw = prediction.mode === RAW_MODE
  const { hidden, lost, isWhole } = maskedOf(prediction, version, parts.predictions.secret)
  const made = isRaw ? prediction : await recomputeOne(parts, version, prediction, dictionary)
  const again = { values: made.values.slice(), statuses: made.statuses.slice() }
  for (const place of lost) {
    again.values[place] = prediction.values[place]!
    again.statuses[place] = prediction.statuses[place]!
  }
  const hand = await handRuleOf(parts, version, prediction)
  const { score, probabilities, verdict } = scoreRecorded(version, prediction, again, hand)
  const served = readingsOf(version.plan.inputs, prediction.values, prediction.statuses, dictionary.textOf)
  const replayed = readingsOf(version.plan.inputs, again.values, again.statuses, dictionary.textOf)
  const nameAt = (place: number): string => version.plan.inputs[place]!.name
  const differences = version.plan.inputs.flatMap(({ name }, index) =>
    hidden.has(index) ||
    (Object.is(prediction.values[index], again.values[index]) && prediction.statuses[index] === again.statuses[index])
      ? []
      : [{ feature: name, served: readingAt(served, index), replayed: readingAt(replayed, index) }],
  )
  return {
    id,
    same:
      differences.length === 0 &&
      (!isWhole ||
        (Object.is(score, prediction.score) &&
          isSame(probabilities, prediction.probabilities) &&
          verdict.decision === prediction.decision &&
          verdict.decidedBy === prediction.decidedBy)),
    ...(lost.length === 0 ? {} : { unverifiable: { reason: 'masked', features: lost.map((place) => nameAt(place)) } }),
    served: {
      score: prediction.score,
      ...classAnswer(prediction.layout.classes, prediction.probabilities),
      ...decidedOf(prediction),
    },
    ...(isWhole
      ? { replayed: { score, ...classAnswer(version.model.label.classes, probabilities), ...decidedOf(verdict) } }
      : {}),
    differences,
  }
}

/** To the bit; of a model without classes neither has any. */
function isSame(one: Float64Array | undefined, other: Float64Array | undefined): boolean {
  return (
    one?.length === other?.length && (one?.every((probability, index) => Object.is(probability, other![index])) ?? true)
  )
}

/** What of a prediction was left out, what cannot be made again, and whether the vector is whole all the same. */
function maskedOf({ layout: { masks }, mode }: Prediction, { plan }: ServedVersion, secret: string) {
  if (masks === undefined) return { hidden: new Set<number>(), lost: [], isWhole: true }
  // Of a raw vector there is nothing but its values.
  const lost = mode === RAW_MODE ? masks.features : lostInputs(plan, masks, secret)
  return {
    hidden: unverifiableInputs(plan, masks, secret),
    lost,
    isWhole: lost.every((place) => !masks.features.includes(place)),
  }
}

/** What was decided, and what decided it where it was not the score. */
function decidedOf({
  decision,
  decidedBy,
}: Pick<Prediction, 'decision' | 'decidedBy'> | Verdict): Pick<ReplayAnswer['served'], 'decision' | 'decidedBy'> {
  return {
    ...(decision === undefined ? {} : { decision }),
    ...(decidedBy === undefined ? {} : { decidedBy }),
  }
}

/** The rule by hand that is recorded with a prediction, if it held when that was served. */
async function handRuleOf(
  { metadata }: RecordParts,
  { model, project }: ServedVersion,
  { decidedBy, servedAt }: Prediction,
): Promise<HandRules | undefined> {
  const number = handRuleIn(decidedBy)
  if (number === undefined) return undefined
  const rule = await readHandRule(metadata, number)
  const ended = Math.min(rule.until ?? Number.POSITIVE_INFINITY, rule.revoked?.at ?? Number.POSITIVE_INFINITY)
  const rules = createHandRules(project.streams[model.at]!.schema, () => servedAt)
  if (rule.model === model.name && rule.at <= servedAt && servedAt <= ended) rules.add(rule)
  return rules
}

function readingAt(readings: readonly FeatureReading[], index: number): Omit<FeatureReading, 'name'> {
  const { value, status } = readings[index]!
  return { value, status }
}

async function recomputeOne(
  { lake }: RecordParts,
  version: ServedVersion,
  prediction: Prediction,
  dictionary: Dictionary,
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
      recomputeVectors(
        connection,
        meaningOf(version),
        asked,
        (stream) => lake.files(stream).map(({ path }) => path),
        dictionary,
      ),
    )
    return {
      values: Float64Array.from(vectors.values, (column) => column[0]!),
      statuses: Uint8Array.from(vectors.statuses, (column) => column[0]!),
    }
  } finally {
    duckdb.close()
  }
}

/** A prediction with the version that made it, and what it was made from in the lake. */
async function readRecorded(
  parts: RecordParts,
  id: string,
): Promise<{ prediction: Prediction; version: ServedVersion }> {
  const { log, lake } = parts
  await settle(parts)
  const prediction = await readPrediction(parts, id, { open: true })
  if (prediction.cut.some(({ offset }) => offset > log.flushedOffset)) await lake.flush()
  return { prediction, version: await loadRecorded(parts, prediction.layout.model, prediction.layout.version) }
}

function logicOf({ plan }: ServedVersion, { source }: VectorInput): string {
  if (source.kind === 'table') return describeTableColumn(plan.tables[source.table]!.definition, source.column)
  if (source.kind !== 'feature') return describeExpression(source.expression)
  const { definition, features } = plan.groups[source.group]!
  return describeFeature(definition.select[features[source.index]!]!)
}

/** Whether an input shows a column that is sensitive as it is: what is computed from one is another value. */
function isSensitive({ plan, project, model }: ServedVersion, { source }: VectorInput): boolean {
  if (source.kind === 'table') return plan.tables[source.table]!.definition.select[source.column]?.sensitive === true
  if (source.kind !== 'row' || source.expression.kind !== 'column') return false
  return project.streams[model.at]!.schema[source.expression.name]?.sensitive === true
}

/** The digest of the group or the table that an input comes from. */
function digestIn({ plan, sequenceDigests }: ServedVersion, { source }: VectorInput): { readonly digest?: Digest } {
  if (source.kind === 'feature') return { digest: sequenceDigests[source.group]! }
  return source.kind === 'table' ? { digest: sequenceDigests[plan.groups.length + source.table]! } : {}
}
