import type { ServedVersion } from '../../operate/serving/served-version.ts'
import { auc } from '../../stats/metrics/auc.ts'
import type { Parts } from '../app/assemble-platform.ts'
import { outcomesOfRows, rescorer } from '../app/logged-outcomes.ts'
import type { Month } from './months.ts'

/** How well three models would have done on the predictions of a month, by the outcomes that came. */
export interface MonthScores {
  readonly rows: number
  readonly labelled: number
  /** The first full model, never retrained. */
  readonly stale: number | undefined
  /** Whatever served. */
  readonly served: number | undefined
  /** The model without windowed features. */
  readonly baseline: number | undefined
}

/** Scores of a month's predictions, and what they were about. */
interface Collected {
  readonly rows: string[]
  readonly t: number[]
  readonly served: number[]
  readonly stale: number[]
  readonly baseline: number[]
}

/**
 * Reads back a month of the prediction log, scores the logged vectors with the two other models, and joins the outcomes
 * that are known by now. Vectors of versions that lack an input of the stale model are scored as if it were missing.
 */
export async function scoreMonth(
  parts: Parts,
  model: string,
  month: Month,
  stale: ServedVersion,
  baseline: ServedVersion,
): Promise<MonthScores> {
  const collected: Collected = { rows: [], t: [], served: [], stale: [], baseline: [] }
  for await (const block of parts.predictions.scan({ model, by: 't', from: month.from, to: month.to, open: true })) {
    const ofStale = rescorer(block, stale)
    const ofBaseline = rescorer(block, baseline)
    for (let index = 0; index < block.length; index += 1) {
      const t = block.t[index]!
      if (t < month.from || t >= month.to) continue
      collected.rows.push(block.rows[index]!)
      collected.t.push(t)
      collected.served.push(block.score[index]!)
      collected.stale.push(ofStale(index).score)
      collected.baseline.push(ofBaseline(index).score)
    }
  }
  return summarize(collected, await outcomesOfRows(parts, model, collected))
}

function summarize(collected: Collected, labels: Float64Array): MonthScores {
  const kept: number[] = []
  for (let row = 0; row < labels.length; row += 1) if (!Number.isNaN(labels[row]!)) kept.push(row)
  const truth = Float64Array.from(kept, (row) => labels[row]!)
  const of = (scores: readonly number[]): number | undefined =>
    auc(
      truth,
      Float64Array.from(kept, (row) => scores[row]!),
    )
  return {
    rows: labels.length,
    labelled: kept.length,
    stale: of(collected.stale),
    served: of(collected.served),
    baseline: of(collected.baseline),
  }
}
