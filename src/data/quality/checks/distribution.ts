import type { DistributionReference } from '../../../language/define/check-definition.ts'
import { judgeDrift } from '../../../stats/drift/judge-drift.ts'
import { binOf, restoreBins } from '../../../stats/histograms/bins.ts'
import { createHistogram } from '../../../stats/histograms/histogram.ts'
import type { CheckKind } from '../check.ts'

const ALPHA = 0.01
const SMALLEST_DISTANCE = 0.1

/** The values are distributed as those of an earlier sample. Missing values are the business of other checks. */
export const distribution: CheckKind<'distribution'> = {
  words: ({ column, psi }) => `distribution of ${column}: index below ${psi}`,
  form: 'table',
  start({ column, reference, psi }, { schema }) {
    const index = Object.keys(schema).indexOf(column)
    const unit = 10 ** (schema[column]!.scale ?? 0)
    const expected = countsOf(reference)
    const bins = restoreBins(Float64Array.from(expected.edges), new Float64Array(expected.counts.length), 0)
    const current = createHistogram(bins)
    const places = new Map(
      reference.kind === 'values' ? Object.keys(reference.counts).map((value, bin) => [value, bin]) : [],
    )
    return {
      take(batch) {
        const values = batch.columns[index]!
        for (let row = 0; row < batch.length; row += 1) {
          const value = values[row]!
          if (value === null || Number.isNaN(value)) continue
          const bin =
            reference.kind === 'bins'
              ? binOf(bins, (value as number) / unit)
              : (places.get(String(value)) ?? expected.counts.length - 1)
          current.counts[bin]! += 1
        }
      },
      finish() {
        const earlier = createHistogram(bins)
        earlier.counts.set(expected.counts)
        const floors = { psi, js: SMALLEST_DISTANCE }
        const { verdict, psi: found, n, reason } = judgeDrift({ reference: earlier, current }, { alpha: ALPHA, floors })
        const outcome = verdict === 'stable' ? 'holds' : verdict === 'drifted' ? 'breached' : 'insufficient'
        return { outcome, n, ...(found === undefined ? {} : { value: found }), sentence: reason }
      },
    }
  },
}

/** Counts with edges between them; values are bins in the order in which they stand. */
function countsOf(reference: DistributionReference): { edges: readonly number[]; counts: readonly number[] } {
  if (reference.kind === 'bins') return reference
  const counts = [...Object.values(reference.counts), reference.others]
  return { edges: counts.slice(1).map((_, bin) => bin), counts }
}
