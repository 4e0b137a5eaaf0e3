import { TruelineError } from '../../../core/errors.ts'
import type { LinearParameters } from '../../../language/define/linear.ts'
import type { LinearDefinition } from '../../../language/define/trainer-definition.ts'
import { createLinearScorer, encodeLinearModel } from '../../inference/linear-model.ts'
import { exportLinearOnnx } from '../../inference/onnx-export-linear.ts'
import { importanceOf } from '../candidate.ts'
import { trainLinear } from '../linear/train-linear.ts'
import type { Trainer } from './trainer.ts'

/** Fits a line, its penalty by the validation rows unless it is given. One thread: the same bits for any number. */
export const linearTrainer: Trainer<LinearDefinition> = {
  async train({ definition, task, training, validation, encoders, values, onProgress }) {
    if (task === 'multiclass')
      throw new TruelineError(
        'unsupported_model',
        'logistic() does not learn several classes yet: gbdt() and command() do.',
        { path: 'trainer' },
      )
    const parameters = definition.parameters as unknown as LinearParameters
    const { model, lambda, importance } = await trainLinear(task, training, validation, parameters, (done, of) =>
      onProgress(`fitting penalty ${done} of ${of}`, done / of),
    )
    return {
      encoders,
      scorer: createLinearScorer(model),
      bytes: encodeLinearModel(model),
      trees: 0,
      importance: importanceOf(
        encoders.inputs,
        values.map(({ input }) => input),
        importance,
      ),
      onnx: exportLinearOnnx(model, encoders),
      chosen: { lambda },
    }
  },
}
