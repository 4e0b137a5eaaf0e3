import type { CheckKind } from '../check.ts'
import { boundsText, countOf } from '../judge.ts'

/** How many rows a batch has. */
export const rowCount: CheckKind<'rowCount'> = {
  words: (definition) => `row count: ${boundsText(definition)}`,
  form: 'table',
  start(definition) {
    const { min = 0, max = Number.POSITIVE_INFINITY } = definition
    let rows = 0
    return {
      take(batch) {
        rows += batch.length
      },
      finish() {
        const sentence = `There are ${countOf(rows)} rows; ${boundsText(definition)}.`
        return { outcome: rows >= min && rows <= max ? 'holds' : 'breached', n: rows, value: rows, sentence }
      },
    }
  },
}
