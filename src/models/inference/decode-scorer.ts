import { TruelineError } from '../../core/errors.ts'
import { magicOf } from './envelope.ts'
import { decodeForest, FOREST_KIND } from './forest-codec.ts'
import { createForestScorer } from './forest-scorer.ts'
import { createLinearScorer, decodeLinearModel, LINEAR_KIND } from './linear-model.ts'
import { createOnnxScorer, ONNX_KIND } from './onnx-scorer.ts'
import type { Scorer } from './scorer.ts'

/**
 * The scorer in an artifact's bytes, of whichever kind of models they are.
 * @throws TruelineError `artifact_corrupt`; `runtime_missing` for a graph where onnxruntime is not installed
 */
export function decodeScorer(bytes: Uint8Array): Scorer {
  switch (magicOf(bytes)) {
    case FOREST_KIND.magic:
      return createForestScorer(decodeForest(bytes))
    case LINEAR_KIND.magic:
      return createLinearScorer(decodeLinearModel(bytes))
    case ONNX_KIND.magic:
      return createOnnxScorer(bytes)
    default:
      throw new TruelineError('artifact_corrupt', 'The scorer cannot be read: it is no kind of model that is known.')
  }
}
