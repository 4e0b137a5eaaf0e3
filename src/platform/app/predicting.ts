import { TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { statusNames, VALUE } from '../../kernel/status.ts'
import type { ModelServing } from '../../operate/serving/model-serving.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { FeatureReading, PredictAnswer, PredictionAnswer, PredictOptions, ServedModel } from '../api/platform.ts'

/** The models of a project that can be asked for predictions, by name. */
export type Servings = ReadonlyMap<string, ModelServing>

/**
 * The serving side of a model.
 * @throws TruelineError `unknown_model`
 */
export function servingOf(servings: Servings, model: string): ModelServing {
  const found = servings.get(model)
  if (found !== undefined) return found
  const near = nearestName(model, [...servings.keys()])
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`
  throw new TruelineError('unknown_model', `There is no model '${model}'.${hint}`, { path: model })
}

/**
 * What serves for a model.
 * @throws TruelineError `no_model_serving`
 */
export function servedVersionOf(serving: ModelServing, model: string): ServedVersion {
  if (serving.served !== undefined) return serving.served
  throw new TruelineError('no_model_serving', `No version of '${model}' serves yet.`, { path: model })
}

/** Scores rows one by one: a row at fault gets its error, and the model's fallback as its decision. */
export function predictRows(
  serving: ModelServing,
  name: string,
  rows: readonly unknown[],
  options: PredictOptions,
): PredictAnswer {
  const { version, digest, plan } = servedVersionOf(serving, name)
  const mode = options.mode ?? 'http'
  const predictions = rows.map((row): PredictionAnswer => {
    const answer = serving.predict(row, mode)
    if ('fault' in answer) {
      const { code, reason, path } = answer.fault
      const error = new TruelineError(code, reason, path === undefined ? {} : { path }).toJSON()
      return answer.decision === undefined ? { error } : { error, decision: answer.decision }
    }
    const { id, score, decision, vector } = answer.answered
    return {
      prediction_id: id,
      score,
      ...(decision === undefined ? {} : { decision }),
      ...(options.features === true ? { features: readingsOf(plan.inputs, vector.values, vector.statuses) } : {}),
    }
  })
  return { model: name, version, digest, predictions }
}

/** Values with their statuses, as answers show them: null where there is no value. */
export function readingsOf(
  inputs: readonly { readonly name: string; readonly type: string }[],
  values: Float64Array,
  statuses: Uint8Array,
): FeatureReading[] {
  return inputs.map(({ name, type }, index) => {
    const value = values[index]!
    const shown = Number.isNaN(value) ? null : type === 'bool' ? value === 1 : value
    return { name, value: shown, status: statusNames[statuses[index] ?? VALUE]! }
  })
}

/** What serves, for who sends raw vectors. */
export function rawModelOf(serving: ModelServing, name: string): ServedModel {
  const { version, digest, plan, model } = servedVersionOf(serving, name)
  return {
    model: name,
    version,
    digest,
    inputs: plan.inputs.map((input) => input.name),
    decides: model.serve.decision !== undefined,
    infer(vector) {
      const { id, score, decision } = serving.infer(vector, 'infer')
      return { predictionId: id, score, ...(decision === undefined ? {} : { decision }) }
    },
  }
}
