import { TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { VectorMeaning } from '../../data/features/recompute-vectors.ts'
import type { VectorInput } from '../../data/features/vector.ts'
import { statusNames, VALUE } from '../../kernel/status.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { rowSchemaOf } from '../../operate/serving/model-contract.ts'
import type { ModelServing } from '../../operate/serving/model-serving.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { FeatureReading } from '../api/feature-answers.ts'
import type { InferredRow, RawColumn, ServedModel } from '../api/prediction-answers.ts'

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
