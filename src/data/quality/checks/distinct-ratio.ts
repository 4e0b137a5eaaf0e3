import type { CheckKind } from '../check.ts'
import { distinctFigure } from '../distinct-figure.ts'
import { boundsText, judgeFigure } from '../judge.ts'

/** Fewest values of which a ratio is judged: of a handful almost all differ. */
const FEWEST = 100

/** Different values per value. */
export const distinctRatio: CheckKind<'distinctRatio'> = {
  words: (definition) => `distinct ratio of ${definition.column}: ${boundsText(definition)}`,
  form: 'column',
  judge(definition, column) {
    const { rows, nulls } = column.counts
    const figure = distinctFigure(column, Math.max(1, rows - nulls))
    return judgeFigure(`The share of different values of '${definition.column}'`, figure, definition, FEWEST)
  },
}
