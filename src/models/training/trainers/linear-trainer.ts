import type { LinearParameters } from '../../../language/define/linear.ts'
import type { LinearDefinition } from '../../../language/define/trainer-definition.ts'
import { createLinearScorer, encodeLinearModel } from '../../inference/linear-model.ts'
import { exportLinearOnnx } from '../../inference/onnx-export-linear.ts'
import { importanceOf } from '../candidate.ts'
import { trainClasses } from '../linear/train-classes.ts'
import { trainLinear } from '../linear/train-linear.ts'
import type { Trainer } from './trainer.ts'

/** Fits a line, or one for each class, its penalty by the validation rows unless it is given. One thread: the same bits for any number. */
export const linearTrainer: Trainer<LinearDefinition> = {
  async train({ definition, task, classes, training, validation, encoders, values, onProgress }) {
    const parameters = definition.parameters as unknown as LinearParameters
    const tell = (done: number, of: number): void => onProgress(`fitting penalty ${done} of ${of}`, done / of)
    const { model, lambda, importance } =
      task === 'multiclass'
        ? await trainClasses(classes?.length ?? 0, training, validation, parameters, tell)
        : await trainLinear(task, training, validation, parameters, tell)
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
      onnx: exportLinearOnnx(model, encoders, classes),
      chosen: { lambda },
    }
  },
}
