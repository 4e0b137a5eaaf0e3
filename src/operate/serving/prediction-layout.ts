import { masksOf } from '../../data/features/masked-inputs.ts'
import { sequencesOf } from '../../data/features/vector.ts'
import { predictionLogOf } from '../../language/define/prediction-log-definition.ts'
import type { PredictionLayout } from '../../stores/log/prediction-block.ts'
import type { ServedVersion } from './served-version.ts'

/** What the logged predictions of a version have in common: what is in them, and what is masked. */
export function predictionLayoutOf({ model, version, digest, plan, project }: ServedVersion): PredictionLayout {
  const masks = masksOf(plan, project, model.at, predictionLogOf(model.serve.log).mask)
  return {
    model: model.name,
    version,
    digest,
    features: plan.inputs.map(({ name }) => name),
    groups: sequencesOf(plan).map(({ name }) => name),
    ...(masks === undefined ? {} : { masks }),
  }
}
