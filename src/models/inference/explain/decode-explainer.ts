import { corrupt, magicOf } from '../envelope.ts'
import { decodeForest, FOREST_KIND } from '../forest-codec.ts'
import { decodeLinearModel, LINEAR_KIND } from '../linear-model.ts'
import type { Explainer } from './explainer.ts'
import { decodeExplanationPart } from './explanation-part.ts'
import { createLinearExplainer } from './linear-explainer.ts'
import { createTreeExplainer, DEEPEST_EXPLAINED } from './tree-explainer.ts'

/** Why a model is not explained, in a few words that follow its name. */
export interface Unexplained {
  readonly because: string
}

/**
 * The explainer of a model from its artifacts' bytes.
 * @param part what `encodeExplanationPart` gave, where the version has one
 * @throws TruelineError `artifact_corrupt`
 */
export function decodeExplainer(scorer: Uint8Array, part: Uint8Array | undefined): Explainer | Unexplained {
  const known = part === undefined ? undefined : decodeExplanationPart(part)
  switch (magicOf(scorer)) {
    case FOREST_KIND.magic: {
      const forest = decodeForest(scorer)
      const covers = known?.numbers ?? forest.covers
      if (covers === undefined)
        return {
          because:
            'does not say how many training rows reached each node of its trees: it was made before this was kept',
        }
      if (known?.kind === 'means' || covers.length !== forest.nodes.feature.length)
        throw corrupt({ ...FOREST_KIND, name: 'explanation' }, 'it is of another forest')
      return createTreeExplainer(forest, covers) ?? { because: `has trees deeper than ${DEEPEST_EXPLAINED} splits` }
    }
    case LINEAR_KIND.magic: {
      const linear = decodeLinearModel(scorer)
      const means = known?.numbers ?? linear.missingAs
      if (known?.kind === 'covers' || means.length !== linear.missingAs.length)
        throw corrupt({ ...LINEAR_KIND, name: 'explanation' }, 'it is of another model')
      return createLinearExplainer(linear, means)
    }
    default:
      return { because: 'is a graph of ONNX that is no forest and no linear model' }
  }
}
