import type { CheckKind } from '../check.ts'
import { boundsText, insufficient, judgeFigure } from '../judge.ts'

/** Fewest values on either side of a quantile, so that single ones do not decide it. */
const FEWEST_BESIDE = 5
const NORMAL_95 = 1.959963984540054

/** A quantile of a column. Its interval is that of the ranks, which needs no distribution. */
export const quantile: CheckKind<'quantile'> = {
  words: (definition) => `${definition.at} quantile of ${definition.column}: ${boundsText(definition)}`,
  form: 'column',
  judge(definition, column, { schema }) {
    const { at } = definition
    const name = `The ${at} quantile of '${definition.column}'`
    const beside = Math.min(at, 1 - at)
    const fewest = beside === 0 ? 1 : Math.ceil(FEWEST_BESIDE / beside)
    const figures = column.figures()
    if (figures === undefined) return insufficient(0, fewest, name)
    const { n } = figures
    const half = NORMAL_95 * Math.sqrt((at * (1 - at)) / n)
    const low = figures.quantile(Math.max(0, at - half))
    const high = figures.quantile(Math.min(1, at + half))
    const finding = judgeFigure(name, { value: figures.quantile(at), n, interval: { low, high } }, definition, fewest)
    // The quantile of a column is a value of it.
    if (schema[definition.column]?.sensitive !== true || finding.value === undefined) return finding
    const { value, interval, ...hidden } = finding
    return { ...hidden, sentence: `${name} is ${finding.outcome === 'holds' ? 'as' : 'not as'} it must be.` }
  },
}
