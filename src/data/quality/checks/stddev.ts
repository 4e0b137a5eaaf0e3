import type { CheckKind } from '../check.ts'
import { boundsText, insufficient, judgeFigure } from '../judge.ts'

/** Fewest values whose spread is judged. */
const FEWEST = 30

/** The standard deviation of a column, from its exact sums. */
export const stddev: CheckKind<'stddev'> = {
  words: (definition) => `standard deviation of ${definition.column}: ${boundsText(definition)}`,
  form: 'column',
  judge(definition, column) {
    const name = `The standard deviation of '${definition.column}'`
    const figures = column.figures()
    if (figures?.stddev === undefined) return insufficient(figures?.n ?? 0, FEWEST, name)
    return judgeFigure(name, { value: figures.stddev, n: figures.n }, definition, FEWEST)
  },
}
