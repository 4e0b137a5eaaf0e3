import { formatDuration, formatSpan, formatTime } from '../../../core/time.ts'
import type { CheckKind } from '../check.ts'

/** The newest time of a column is not older than so long. */
export const freshness: CheckKind<'freshness'> = {
  words: ({ column, within }) => `freshness of ${column} within ${formatDuration(within)}`,
  form: 'column',
  judge({ column, within }, profiled, { now, schema }) {
    const figures = profiled.figures()
    if (figures === undefined) return { outcome: 'breached', n: 0, sentence: `There is no time in '${column}'.` }
    const age = now - figures.max
    const newest = schema[column]?.sensitive ? '' : `, ${formatTime(figures.max)}`
    const sentence = `The newest '${column}'${newest}, is ${formatSpan(age)} old; ${formatDuration(within)} is allowed.`
    return { outcome: age <= within ? 'holds' : 'breached', n: figures.n, value: age, sentence }
  },
}
