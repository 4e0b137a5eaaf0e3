import type { CheckKind } from '../check.ts'
import { boundsText, insufficient, judgeFigure } from '../judge.ts'

/** Fewest values whose mean is judged. */
const FEWEST = 30
const NORMAL_95 = 1.959963984540054

/** The mean of a column, from its exact sum. */
export const mean: CheckKind<'mean'> = {
  words: (definition) => `mean of ${definition.column}: ${boundsText(definition)}`,
  form: 'column',
  judge(definition, column) {
    const name = `The mean of '${definition.column}'`
    const figures = column.figures()
    if (figures === undefined) return insufficient(0, FEWEST, name)
    const { n, mean, stddev = 0 } = figures
    const half = (NORMAL_95 * stddev) / Math.sqrt(n)
    return judgeFigure(name, { value: mean, n, interval: { low: mean - half, high: mean + half } }, definition, FEWEST)
  },
}
