import type { Clock } from '../../../core/clock.ts'
import type { Value } from '../../../core/data-type.ts'
import type { ErrorCode } from '../../../core/error-codes.ts'
import { asTruelineError } from '../../../core/errors.ts'
import { likeliest } from '../../../core/math/likeliest.ts'
import { inSlices, type Slices, type Steps } from '../../../core/slices.ts'
import { AcceptedRows } from '../../../data/features/accepted-rows.ts'
import type { EventReader } from '../../../data/features/event-reader.ts'
import { maskedRow } from '../../../data/quality/mask-row.ts'
import type { StreamDefinition } from '../../../language/define/definitions.ts'
import { probabilityColumns } from '../../../language/define/scored-columns.ts'
import type { VectorExplainer } from '../../../models/inference/explain/vector-explainer.ts'
import type { ConsumedCounts } from '../../../stores/log/consumer.ts'
import type { NewDeadLetter } from '../../../stores/log/dead-letter.ts'
import type { EventLog } from '../../../stores/log/event-log.ts'
import type { PredictionBlock, PredictionLayout } from '../../../stores/log/prediction-block.ts'
import { fallbackOf } from '../fallback.ts'
import { rowSchemaOf } from '../model-contract.ts'
import { predictionLayoutOf, type Recording } from '../prediction-layout.ts'
import { reasonTexts } from '../reason-texts.ts'
import { scoreFault } from '../score-fault.ts'
import type { ServedVersion } from '../served-version.ts'
import type { ColumnOutcomes } from '../vector-scoring.ts'
import type { AskedRows, AskedVersion, RefusedRow } from './asked-rows.ts'
import { maskingSchema } from './masking-schema.ts'

/** How predictions for events of a stream are marked in the log. */
export const STREAM_MODE = 'stream'

/** What came of a part of a stream, ready to be committed. */
export interface Consumed {
  /** Answers as events of the stream of predictions. */
  readonly outputs: AcceptedRows
  readonly predictions: readonly PredictionBlock[]
  readonly rejected: readonly NewDeadLetter[]
  readonly counts: Omit<ConsumedCounts, 'received' | 'passed'>
}

/** What came of the vectors of rows that ask. */
export interface ScoredRows {
  readonly outcomes: ColumnOutcomes
  /** Of the rows that could not be scored. */
  readonly faults: ReadonlyMap<number, Fault>
  /** Microseconds a row. */
  readonly latency: number
  /** Of each row, where the answers give reasons. */
  readonly reasons?: readonly string[]
}

/** Gives the reasons of answers; what takes long is done in slices. */
export interface Reasoning {
  /** @throws TruelineError `explanation_unavailable`, `artifact_missing`, `artifact_corrupt` */
  explainerOf(served: ServedVersion): Promise<VectorExplainer>
  readonly slices: Slices
}

export interface ConsumingParts {
  readonly log: EventLog
  readonly clock: Clock
  /** Of the stream of predictions. */
  readonly output: EventReader
  /** Of the model as the project says now, which that stream has columns for; a version may know others. */
  readonly classes: readonly string[] | undefined
  /** How predictions are recorded; as each version's own definitions say unless given. */
  readonly recording?: Recording | undefined
  /**
   * Given for events that could not be scored before: the revision of the answer for the event at an offset. One that cannot be
   * scored again is told in `rejected`, and answered by nothing new.
   */
  readonly revisionOf?: (position: number) => number
}

/**
 * Makes what is committed of rows that ask, each scored as of the log just before it: for each a prediction
 * and an event that answers it. One that cannot be scored becomes a dead letter, and is answered by the model's fallback
 * where there is one. Monitors are told of each.
 */
export function consume(parts: ConsumingParts, asked: AskedRows, scored: ScoredRows): Consumed {
  const { log, clock, output, recording, revisionOf } = parts
  const { served } = asked.version
  const { model, version } = served
  const { latency } = scored
  const servedAt = clock.now()
  const predictions = createBlocks(log, predictionLayoutOf(served, recording))
  const outputs = new AcceptedRows(output, asked.length + asked.refused.length)
  const { classes } = model.label
  const answer = answerWriter(outputs, output, { version, classes }, parts.classes, revisionOf)
  const { observer } = asked.version
  const rejected: NewDeadLetter[] = []
  const fallback = revisionOf === undefined ? fallbackOf(model.serve, 'invalid') : undefined
  const vector = rowOf(asked)
  const contract = rowSchemaOf(served.contract.content)
  const schema = recording === undefined ? contract : maskingSchema(contract, recording.schema)

  const refuse = (row: RefusedRow): void => {
    const { offset, id, knownAt, fault, ...kept } = row
    observer.failed(fault.code, STREAM_MODE)
    rejected.push({ stream: model.at, scope: 'scoring', ...fault, ...kept, source: sourceOf(model.name, offset) })
    if (fallback !== undefined)
      answer({ position: offset, event: id, asked_at: knownAt, error: fault.code, decision: fallback })
  }

  let refused = 0
  for (let index = 0; index < asked.length; index += 1) {
    const position = asked.offsets[index]!
    while (refused < asked.refused.length && asked.refused[refused]!.offset < position)
      refuse(asked.refused[refused++]!)
    const [event, asked_at, t] = [asked.ids[index]!, asked.knownAt[index]!, asked.t[index]!]
    const fault = scored.faults.get(index)
    if (fault !== undefined) {
      refuse({
        offset: position,
        id: event,
        knownAt: asked_at,
        fault,
        ...maskedRow(JSON.parse(asked.texts[index]!), schema),
      })
      continue
    }
    const score = scored.outcomes.scores[index]!
    const width = classes?.length ?? 0
    const probabilities = scored.outcomes.probabilities?.subarray(index * width, (index + 1) * width)
    const { decision, decidedBy } = scored.outcomes.verdicts[scored.outcomes.codes[index]!]!
    const { values, statuses, generations, partitions, offsets } = vector(index)
    const row = asked.texts[index]!
    const labelKey = asked.labelKeys[index]
    // Objects that are put together from others take longer to make than a row takes to be scored.
    const prediction = predictions.add({
      t,
      servedAt,
      mode: STREAM_MODE,
      row,
      values,
      statuses,
      generations,
      partitions,
      offsets,
      score,
      probabilities,
      decision,
      decidedBy,
      latency: Math.round(latency),
    })
    observer.observe({
      id: prediction,
      t,
      at: servedAt,
      mode: STREAM_MODE,
      values,
      score,
      probabilities,
      latency,
      labelKey,
    })
    const reasons = scored.reasons?.[index]
    answer({ position, event, asked_at, t, prediction, score, probabilities, decision, decided_by: decidedBy, reasons })
  }
  while (refused < asked.refused.length) refuse(asked.refused[refused++]!)

  return {
    outputs,
    predictions: predictions.blocks,
    rejected,
    counts: {
      scored: asked.length - scored.faults.size,
      rejected: rejected.length,
      fallbacks: fallback === undefined ? 0 : rejected.length,
    },
  }
}

/** Where the event of a dead letter stands: the model, and the offset in the log. */
export function sourceOf(model: string, offset: number): string {
  return `${model}@${offset}`
}

type Fault = { readonly code: ErrorCode; readonly reason: string }

/** What the scorer of a version says of all rows, and the microseconds that it took. */
interface Outputs {
  readonly outputs: Float64Array
  readonly took: number
}

/** Scores all rows together; where that fails, one by one, so that one row harms no other. */
export function scoreRows(asked: AskedRows, clock: Pick<Clock, 'elapsed'>, known?: Outputs): ScoredRows {
  const { scoring } = asked.version
  const started = clock.elapsed()
  const { values, statuses, length: rows } = asked
  const faults = new Map<number, Fault>()
  const outputs = known === undefined ? {} : { outputs: known.outputs }
  let outcomes: ColumnOutcomes
  try {
    outcomes = scoring.scoreColumns({ rows, values, statuses, asked: asked.asked, ...outputs })
  } catch {
    outcomes = oneByOne(asked, faults)
  }
  for (let index = 0; index < rows; index += 1) {
    const fault = scoreFault(outcomes.scores[index]!)
    if (fault !== undefined && !faults.has(index)) faults.set(index, fault)
  }
  const took = clock.elapsed() - started + (known?.took ?? 0)
  return { outcomes, faults, latency: took / Math.max(1, rows) }
}

/** Whether rows of a version are scored in slices: a graph may take a millisecond for each. */
export function isScoredInSlices({ served }: AskedVersion): boolean {
  return served.scorer.platform === 'onnxruntime_onnx'
}

/** As `scoreRows`, to the same bits, in slices. */
export async function scoreInSlices(
  asked: AskedRows,
  clock: Pick<Clock, 'elapsed'>,
  slices: Slices,
): Promise<ScoredRows> {
  const known = await inSlices(outputsOf(asked, clock), slices)
  return scoreRows(asked, clock, known)
}

/** Undefined where a row cannot be scored: which one is found out as usual. */
function* outputsOf({ version, values, length }: AskedRows, clock: Pick<Clock, 'elapsed'>): Steps<Outputs | undefined> {
  const { scorer } = version.served
  const outputs = new Float64Array(length * scorer.outputs)
  let took = 0
  for (let row = 0; row < length; row += 1) {
    const started = clock.elapsed()
    try {
      const one = values.map((column) => column.subarray(row, row + 1))
      outputs.set(scorer.scoreColumns(one, 1), row * scorer.outputs)
    } catch {
      return undefined
    }
    took += clock.elapsed() - started
    yield
  }
  return { outputs, took }
}

/** Whether the answers in a stream of predictions say why it was decided so. */
export function givesReasons({ schema }: Pick<StreamDefinition, 'schema'>): boolean {
  return Object.hasOwn(schema, 'reasons')
}

/** Scored rows with the reasons that answers over HTTP would give. */
export async function withReasons(
  { version: { served }, values }: AskedRows,
  scored: ScoredRows,
  { explainerOf, slices }: Reasoning,
): Promise<ScoredRows> {
  const explainer = await explainerOf(served).catch(asTruelineError)
  return { ...scored, reasons: await inSlices(reasonTexts(served, explainer, values, scored.outcomes), slices) }
}

function oneByOne(asked: AskedRows, faults: Map<number, Fault>): ColumnOutcomes {
  const scores = new Float64Array(asked.length)
  const width = asked.version.served.model.label.classes?.length ?? 0
  const probabilities = new Float64Array(asked.length * width)
  const codes = new Uint16Array(asked.length)
  const verdicts: ColumnOutcomes['verdicts'][number][] = []
  for (let index = 0; index < asked.length; index += 1) {
    const at = (column: Float64Array) => column.subarray(index, index + 1)
    try {
      const one = asked.version.scoring.scoreColumns({
        rows: 1,
        values: asked.values.map(at),
        statuses: asked.statuses.map((column) => column.subarray(index, index + 1)),
        asked: Object.fromEntries(Object.entries(asked.asked).map(([name, column]) => [name, [column[index] ?? null]])),
      })
      scores[index] = one.scores[0]!
      probabilities.set(one.probabilities ?? [], index * width)
      const verdict = one.verdicts[one.codes[0]!]!
      const known = verdicts.indexOf(verdict)
      codes[index] = known === -1 ? verdicts.push(verdict) - 1 : known
    } catch (thrown) {
      const { code, message } = asTruelineError(thrown)
      scores[index] = Number.NaN
      faults.set(index, { code: code === 'internal' ? 'scoring_failed' : code, reason: message })
    }
  }
  return { scores, ...(width === 0 ? {} : { probabilities }), codes, verdicts }
}

/** The vector of a row with the cut that it was read at, the log just before the row; holds until the next one. */
function rowOf(asked: AskedRows) {
  const values = new Float64Array(asked.values.length)
  const statuses = new Uint8Array(asked.values.length)
  const partitions = new Uint8Array(asked.partitions.length)
  const offsets = new Float64Array(partitions.length)
  const generations = new Uint32Array(partitions.length)
  const vector = { values, statuses, partitions, offsets, generations }
  return (index: number): typeof vector => {
    for (let input = 0; input < values.length; input += 1) {
      values[input] = asked.values[input]![index]!
      statuses[input] = asked.statuses[input]![index]!
    }
    for (let sequence = 0; sequence < partitions.length; sequence += 1)
      partitions[sequence] = asked.partitions[sequence]![index]!
    offsets.fill(asked.offsets[index]! - 1)
    generations.fill(asked.generations[index]!)
    return vector
  }
}

/** Blocks of predictions, as many as are needed. */
function createBlocks(log: EventLog, layout: PredictionLayout) {
  const blocks: PredictionBlock[] = []
  return {
    blocks,
    add(prediction: Parameters<PredictionBlock['add']>[0]): string {
      if (blocks.length === 0 || blocks.at(-1)!.full) blocks.push(log.createPredictionBlock(layout))
      return blocks.at(-1)!.add(prediction)
    },
  }
}

interface Answer {
  readonly position: number
  readonly event: string
  readonly asked_at: number
  readonly t?: number
  readonly prediction?: string
  readonly score?: number
  /** Of a model of several classes one for each. */
  readonly probabilities?: Float64Array | undefined
  readonly decision?: string | undefined
  readonly decided_by?: string | undefined
  readonly reasons?: string | undefined
  readonly error?: string
}

function answerWriter(
  outputs: AcceptedRows,
  output: EventReader,
  { version, classes = [] }: { readonly version: number; readonly classes: readonly string[] | undefined },
  shown: readonly string[] = [],
  revisionOf: (position: number) => number = () => 0,
): (answer: Answer) => void {
  const { names } = output.rows
  const values: Value[] = names.map(() => null)
  const [position, event, askedAt, t, prediction, score, decision, decidedBy, error] = [
    ...(['position', 'event', 'asked_at', 't', 'prediction', 'score', 'decision', 'decided_by', 'error'] as const),
  ].map((name) => names.indexOf(name)) as [number, number, number, number, number, number, number, number, number]
  const likeliestAt = names.indexOf('class')
  // A version of before the classes were changed may have some that the stream has no column for, and lack others.
  const probabilitiesOf = probabilityColumns(shown).map((name, place) => ({
    ...{ column: names.indexOf(name), place: classes.indexOf(shown[place]!) },
  }))
  values[names.indexOf('version')] = version
  const reasons = names.indexOf('reasons')
  return (answer) => {
    values[position] = answer.position
    values[event] = answer.event
    values[askedAt] = answer.asked_at
    values[t] = answer.t ?? null
    values[prediction] = answer.prediction ?? null
    values[score] = answer.score ?? null
    values[decision] = answer.decision ?? null
    values[decidedBy] = answer.decided_by ?? null
    values[error] = answer.error ?? null
    if (reasons !== -1) values[reasons] = answer.reasons ?? null
    const { probabilities } = answer
    for (const { column, place } of probabilitiesOf) values[column] = probabilities?.[place] ?? null
    if (likeliestAt !== -1)
      values[likeliestAt] = probabilities === undefined ? null : classes[likeliest(probabilities, 0, classes.length)]!
    const [id, text] = [output.idOf(values), output.rows.text(values)]
    const revision = revisionOf(answer.position)
    outputs.add({ id, text, eventTime: answer.asked_at, revision, isTombstone: false }, values)
  }
}
