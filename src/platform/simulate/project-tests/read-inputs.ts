import type { Value } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import { unknownName } from '../../../core/unknown-name.ts'
import { planVector } from '../../../data/features/vector.ts'
import { createVectorReader } from '../../../data/features/vector-reader.ts'
import { createRowReader } from '../../../data/quality/row-reader.ts'
import { contractOf, rowSchemaOf } from '../../../operate/serving/model-contract.ts'
import { sequenceDigestsOf } from '../../../operate/serving/served-version.ts'
import type { FeatureReading } from '../../api/feature-answers.ts'
import type { OwnedPlatform } from '../../app/open-platform.ts'
import { readingsOf } from '../../app/predicting.ts'

/**
 * What a model reads for a row, as serving reads it; no version is needed.
 * @param moment t where the model does not take it from the row, microseconds
 * @throws TruelineError `unknown_model`, the codes of row validation, `overloaded` for a t that only the log could answer
 */
export function readInputs(platform: OwnedPlatform, name: string, row: unknown, moment: number): FeatureReading[] {
  const { project, parts } = platform
  const { engine, tables } = parts
  const model = project.models[name]
  if (model === undefined) throw unknownName('unknown_model', 'model', name, Object.keys(project.models))
  const plan = planVector(model, project)
  const schema = rowSchemaOf(contractOf(model, project, plan))
  const values: Value[] = []
  const fault = createRowReader(schema, { required: model.time === undefined ? [] : [model.time] }).read(row, values)
  if (fault !== undefined) throw new TruelineError(fault.code, fault.reason)
  const t = model.time === undefined ? moment : (values[Object.keys(schema).indexOf(model.time)] as number)
  const vectors = createVectorReader(plan, sequenceDigestsOf(plan, project), schema, { engine, tables })
  if (!vectors.read(values, t))
    throw new TruelineError('overloaded', 'The row asks about a time that the feature state no longer reaches.', {
      remedy: 'Ask about a time nearer to the moment of the test.',
    })
  return readingsOf(plan.inputs, vectors.buffer.values, vectors.buffer.statuses, engine.dictionary.textOf)
}
