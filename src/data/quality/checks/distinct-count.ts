import type { CheckKind } from '../check.ts'
import { distinctFigure } from '../distinct-figure.ts'
import { boundsText, judgeFigure } from '../judge.ts'

/** How many different values there are. */
export const distinctCount: CheckKind<'distinctCount'> = {
  words: (definition) => `distinct count of ${definition.column}: ${boundsText(definition)}`,
  form: 'column',
  judge: (definition, column) =>
    judgeFigure(`The number of different values of '${definition.column}'`, distinctFigure(column, 1), definition),
}
