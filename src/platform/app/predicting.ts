import { TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { VectorMeaning } from '../../data/features/recompute-vectors.ts'
import type { VectorInput } from '../../data/features/vector.ts'
import { statusNames, VALUE } from '../../kernel/status.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { rowSchemaOf } from '../../operate/serving/model-contract.ts'
import type { ModelServing } from '../../operate/serving/model-serving.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { FeatureReading } from '../api/feature-answers.ts'

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
 * The version that serves a model, for who asks about it: that none does is no trouble of the server then.
 * @throws TruelineError `unknown_model`, `unknown_version`
 */
export function versionServing(servings: Servings, model: string): ServedVersion {
  const { served, fault } = servingOf(servings, model)
  if (served !== undefined) return served
  if (fault !== undefined)
    throw new TruelineError('unknown_version', fault.message, { path: model, remedy: fault.remedy, cause: fault })
  throw new TruelineError('unknown_version', `No version of '${model}' serves yet.`, {
    path: model,
    remedy: 'Approve and promote one: `trueline models` lists them.',
  })
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
