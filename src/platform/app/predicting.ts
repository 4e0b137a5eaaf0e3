import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { EngineGroup } from '../../data/features/feature-engine.ts'
import { freshnessOf, isDegraded } from '../../data/features/freshness.ts'
import type { VectorMeaning } from '../../data/features/recompute-vectors.ts'
import { sequencesOf, type VectorInput } from '../../data/features/vector.ts'
import { statusNames, VALUE } from '../../kernel/status.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { rowSchemaOf } from '../../operate/serving/model-contract.ts'
import type { Answered, LateRow, ModelServing } from '../../operate/serving/model-serving.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { FeatureReading } from '../api/feature-answers.ts'
import type {
  InferredRow,
  PredictAnswer,
  PredictionAnswer,
  PredictOptions,
  RawColumn,
  ServedModel,
} from '../api/prediction-answers.ts'
import type { Parts } from './assemble-platform.ts'
import type { PastVectors } from './past-vectors.ts'

/** How predictions that carried a raw vector are marked: nothing was looked up for them. */
export const RAW_MODE = 'infer'

/** The models of a project that can be asked for predictions, by name. */
export type Servings = ReadonlyMap<string, ModelServing>

/**
 * The serving side of a model.
 * @throws TruelineError `unknown_model`
 */
export function servingOf(servings: Servings, model: string): ModelServing {
  const found = servings.get(model)
  if (found === undefined) throw unknownName('unknown_model', 'model', model, [...servings.keys()])
  return found
}

/**
 * What serves for a model.
 * @throws TruelineError `no_model_serving`
 */
export function servedVersionOf(serving: ModelServing, model: string): ServedVersion {
  if (serving.served !== undefined) return serving.served
  throw new TruelineError('no_model_serving', `No version of '${model}' serves yet.`, { path: model })
}

/**
 * Scores rows one by one: a row at fault gets its error, and the model's fallback as its decision. Rows from further
 * back than the live state reaches wait for the log; when there is none of them the answer is given at once.
 */
export function predictRows(
  serving: ModelServing,
  name: string,
  rows: readonly unknown[],
  options: PredictOptions,
  past: PastVectors,
  { engine, clock }: Pick<Parts, 'engine' | 'clock'>,
): PredictAnswer | Promise<PredictAnswer> {
  const { dictionary } = engine
  const { version, digest, plan, sequenceDigests, contract } = servedVersionOf(serving, name)
  const mode = options.mode ?? 'http'
  const late: { readonly place: number; readonly row: LateRow }[] = []
  const shown = ({ id, score, verdict: { decision, decidedBy }, vector }: Answered): PredictionAnswer => ({
    prediction_id: id,
    score,
    ...(decision === undefined ? {} : { decision }),
    ...(decidedBy === undefined ? {} : { overridden_by: decidedBy }),
    ...(options.features === true
      ? { features: readingsOf(plan.inputs, vector.values, vector.statuses, dictionary.textOf) }
      : {}),
  })
  const predictions = new Array<PredictionAnswer>(rows.length)
  for (const [place, row] of rows.entries()) {
    const answer = serving.predict(row, mode)
    if ('answered' in answer) predictions[place] = shown(answer.answered)
    else if ('late' in answer) late.push({ place, row: answer.late })
    else {
      const { code, reason, path } = answer.fault
      predictions[place] = failed(new TruelineError(code, reason, path === undefined ? {} : { path }), answer.decision)
    }
  }
  const now = clock.now()
  const groupAt = (index: number): EngineGroup => engine.group(sequenceDigests[index]!)!
  const isTold = options.freshness === true || plan.groups.some((_, index) => isDegraded(groupAt(index), now))
  const answer = {
    ...{ model: name, version, digest, contract: contract.digest, predictions },
    ...(isTold ? { freshness: plan.groups.map((_, index) => freshnessOf(groupAt(index), now)) } : {}),
  }
  if (late.length === 0) return answer
  return answerLate(past, late, shown, predictions, dictionary).then(() => answer)
}

/** Puts the predictions of late rows in their places; trouble with the history is the error of each of them. */
async function answerLate(
  past: PastVectors,
  late: readonly { readonly place: number; readonly row: LateRow }[],
  shown: (answered: Answered) => PredictionAnswer,
  predictions: PredictionAnswer[],
  dictionary: Dictionary,
): Promise<void> {
  const { served } = late[0]!.row
  const questions = late.map(({ row }) => row.question)
  const asked = {
    length: questions.length,
    rows: questions.map(({ row }) => row),
    t: Float64Array.from(questions, ({ t }) => t),
    offsets: sequencesOf(served.plan).map((_, sequence) =>
      Float64Array.from(questions, ({ offsets }) => offsets[sequence]!),
    ),
  }
  const vectors = await past.read(meaningOf(served), asked, dictionary).catch(asTruelineError)
  for (const [index, { place, row }] of late.entries()) {
    if (vectors instanceof TruelineError) {
      predictions[place] = failed(vectors, row.fail(vectors.code, 'unavailable'))
      continue
    }
    const values = Float64Array.from(vectors.values, (column) => column[index]!)
    const statuses = Uint8Array.from(vectors.statuses, (column) => column[index]!)
    predictions[place] = shown(row.answer(values, statuses))
  }
}

function failed(fault: TruelineError, decision: string | undefined): PredictionAnswer {
  const error = fault.toJSON()
  return decision === undefined ? { error } : { error, decision }
}

/** How a version's vectors are made. */
export function meaningOf({ plan, project, contract }: ServedVersion): VectorMeaning {
  return { plan, project, schema: rowSchemaOf(contract.content) }
}

/**
 * Values with their statuses, as answers show them: null where there is no value.
 * @param textOf the text of a lasting code; a text that is not known any more is not shown
 */
export function readingsOf(
  inputs: readonly Pick<VectorInput, 'name' | 'type' | 'scale'>[],
  values: Float64Array,
  statuses: Uint8Array,
  textOf: Dictionary['textOf'],
): FeatureReading[] {
  return inputs.map((input, index) => ({
    name: input.name,
    value: Number.isNaN(values[index]!) ? null : shownValue(values[index]!, input, textOf),
    status: statusNames[statuses[index] ?? VALUE]!,
  }))
}

/** A value as answers show it; a text that is not known any more is not shown. */
export function shownValue(
  value: number,
  { type, scale = 0 }: Pick<VectorInput, 'type' | 'scale'>,
  textOf: Dictionary['textOf'],
): FeatureReading['value'] {
  if (type === 'string') return textOf(value) ?? null
  if (type === 'bool') return value === 1
  return type === 'decimal' ? value / 10 ** scale : value
}

/** What serves, for who sends raw vectors. */
export function rawModelOf(serving: ModelServing, name: string, log: EventLog, dictionary: Dictionary): ServedModel {
  const { version, digest, plan, model } = servedVersionOf(serving, name)
  const vector = new Float64Array(plan.inputs.length)
  const numberAt = (column: RawColumn, row: number): number => {
    const value = column[row]!
    return typeof value === 'string' ? dictionary.lastingCode(dictionary.encodePassing(value)) : (value ?? Number.NaN)
  }
  const inferRow = (columns: readonly RawColumn[], row: number): InferredRow => {
    for (const [input, column] of columns.entries()) vector[input] = numberAt(column, row)
    const { id, score, verdict } = serving.infer(vector, RAW_MODE)
    const { decision } = verdict
    return { predictionId: id, score, ...(decision === undefined ? {} : { decision }) }
  }
  return {
    model: name,
    version,
    digest,
    inputs: plan.inputs.map((input) => ({ name: input.name, isText: input.type === 'string' })),
    decides: model.serve.decision !== undefined,
    infer: (columns, rows) =>
      onceLogged(serving, log, () => Array.from({ length: rows }, (_, row) => inferRow(columns, row))),
  }
}

/** Gives an answer at once, or for a model that waits for the disk when what it says is in the log. */
export function onceLogged<Answer>(
  serving: ModelServing,
  log: EventLog,
  work: () => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  if (!serving.sync) return work()
  return (async () => {
    await log.room()
    const answer = await work()
    const ticket = serving.flush()
    if (ticket !== undefined) await log.durable(ticket)
    return answer
  })()
}
