import { type CompiledForest, compileForest } from './compiled-forest.ts'
import type { Forest } from './forest.ts'
import { walkForest } from './forest-walk.ts'
import { type Scorer, scoreBlocks } from './scorer.ts'
import { transformer } from './transform.ts'

/**
 * A scorer of a forest. Margins are the same bits on every host, those that `Forest` says; scores are made of them in double
 * by functions of our own. The forest lies in memory of the kernel until `close`, and is walked in plain TypeScript where
 * there is none.
 */
export function createForestScorer(forest: Forest): Scorer {
  const { outputs, featureNames, transform } = forest
  const inputs = featureNames.length
  const plain: CompiledForest = {
    writeMargins: (values, offset, margins, at) => walkForest(forest, values, offset, margins, at),
    writeAllMargins(values, rows, margins) {
      for (let row = 0; row < rows; row += 1) walkForest(forest, values, row * inputs, margins, row * outputs)
    },
    release: () => undefined,
  }
  let walks = compileForest(forest) ?? plain
  const toScores = transformer(transform, outputs)
  const one = new Float64Array(outputs)

  function scoreInto(values: Float64Array, offset: number, scores: Float64Array, at: number): void {
    walks.writeMargins(values, offset, scores, at)
    toScores(scores, at)
  }

  function scoreAll(values: Float64Array, rows: number, scores: Float64Array): void {
    walks.writeAllMargins(values, rows, scores)
    for (let row = 0; row < rows; row += 1) toScores(scores, row * outputs)
  }

  return {
    platform: 'trueline_forest',
    inputs,
    outputs,
    scoreInto,
    scoreRow(values, offset) {
      scoreInto(values, offset, one, 0)
      return one[0]!
    },
    marginRow(values, offset) {
      walks.writeMargins(values, offset, one, 0)
      return one[0]!
    },
    scoreRows(values, rows) {
      const scores = new Float64Array(rows * outputs)
      scoreAll(values, rows, scores)
      return scores
    },
    scoreColumns: (columns, rows) => scoreBlocks(columns, rows, outputs, scoreAll),
    close() {
      walks.release()
      walks = plain
    },
  }
}
