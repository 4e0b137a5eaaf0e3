import type { GbdtParameters } from '../../../language/define/gbdt.ts'
import type { GbdtDefinition } from '../../../language/define/trainer-definition.ts'
import { treeCount } from '../../inference/forest.ts'
import { encodeForest } from '../../inference/forest-codec.ts'
import { createForestScorer } from '../../inference/forest-scorer.ts'
import { exportOnnx } from '../../inference/onnx-export.ts'
import { importanceOf } from '../candidate.ts'
import { trainGbdt } from '../gbdt/train-gbdt.ts'
import type { GbdtData } from '../gbdt/training-data.ts'
import type { TrainingTable } from '../training-table.ts'
import type { Trainer } from './trainer.ts'

/** Grows trees on the training rows, and stops by the validation rows. The same bits for any number of threads. */
export const gbdtTrainer: Trainer<GbdtDefinition> = {
  async train({ definition, task, classes, training, validation, encoders, values, threads, onProgress }) {
    const parameters = definition.parameters as unknown as GbdtParameters
    const categorical = values.flatMap(({ column }, place) =>
      encoders.columns?.[column]?.encoder?.kind === 'category' ? [place] : [],
    )
    const data = { ...dataOf(training), ...(categorical.length === 0 ? {} : { categorical }) }
    const { forest, covers, importance } = await trainGbdt(data, dataOf(validation), parameters, {
      ...{ objective: task, threads, ownsColumns: true },
      ...(classes === undefined ? {} : { classes: classes.length }),
      onProgress: ({ rounds, of }) => onProgress(`growing tree ${rounds} of ${of}`, rounds / of),
    })
    return {
      encoders,
      scorer: createForestScorer(forest),
      bytes: encodeForest(forest),
      trees: treeCount(forest),
      importance: importanceOf(
        encoders.inputs,
        values.map(({ input }) => input),
        importance,
      ),
      explanation: { kind: 'covers', numbers: covers },
      onnx: exportOnnx(forest, encoders, classes),
    }
  },
}

function dataOf({ weights, ...table }: TrainingTable): GbdtData {
  const data = { ...table, labels: Float32Array.from(table.labels) }
  return weights === undefined ? data : { ...data, weights: Float32Array.from(weights) }
}
