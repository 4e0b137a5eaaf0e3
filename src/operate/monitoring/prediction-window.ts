import { addValue, createHistogram, decodeHistogram, type Histogram } from '../../stats/histograms/histogram.ts'
import { type ComparedColumn, type DriftPoint, type DriftSettings, judgeWindow } from './drift-window.ts'
import { FeatureCounters } from './feature-counters.ts'
import type { ColumnReference, MonitoringReference } from './reference.ts'
import type { UsualVariation } from './usual-variation.ts'

/** What a window says about the scores, as it is kept and shown. */
export interface PredictionPoint {
  readonly n: number
  /** Of a model of several classes of the probabilities of the likeliest ones, as the quantiles are. */
  readonly mean: number
  readonly q10: number
  readonly q50: number
  readonly q90: number
  /** Of a model of several classes the share of predictions that each was the likeliest in, by its name. */
  readonly classes?: Readonly<Record<string, number>>
  /** Of the scores; of a model of several classes, of which was the likeliest. */
  readonly drift: DriftPoint
}

interface DecodedColumn {
  readonly histogram: Histogram
  readonly usual?: UsualVariation
}

/** A reference made ready for comparing. */
export interface DecodedReference {
  readonly reference: MonitoringReference
  readonly features: readonly DecodedColumn[]
  readonly score: DecodedColumn
  readonly scoreQuantiles: Histogram
}

/** @throws TruelineError `artifact_corrupt` when a histogram is damaged */
export function decodeReference(reference: MonitoringReference): DecodedReference {
  return {
    reference,
    features: reference.features.map(decodeColumn),
    score: decodeColumn(reference.score),
    scoreQuantiles: decodeHistogram(reference.score.quantiles),
  }
}

function decodeColumn({ histogram, usual }: ColumnReference): DecodedColumn {
  return { histogram: decodeHistogram(histogram), ...(usual === undefined ? {} : { usual }) }
}

/** Counts the vectors and scores of a stretch of time over the bins of a reference. */
export class PredictionWindow {
  readonly #decoded: DecodedReference
  readonly #features: FeatureCounters
  readonly #scores: Histogram
  readonly #scoreQuantiles: Histogram
  #n = 0
  #sum = 0

  constructor(decoded: DecodedReference) {
    this.#decoded = decoded
    this.#features = new FeatureCounters(decoded.features.map(({ histogram }) => histogram.bins))
    this.#scores = createHistogram(decoded.score.histogram.bins)
    this.#scoreQuantiles = createHistogram(decoded.scoreQuantiles.bins)
  }

  get n(): number {
    return this.#n
  }

  /** @param likeliest of a model of several classes the number of the likeliest one, whose probability is the score */
  add(values: Float64Array, score: number, likeliest = score): void {
    this.#features.add(values)
    addValue(this.#scores, likeliest)
    addValue(this.#scoreQuantiles, score)
    this.#n++
    this.#sum += score
  }

  /** The features of the window, in the order of the reference. */
  judgeFeatures(settings: DriftSettings, whole: boolean): DriftPoint[] {
    return judgeWindow(compared(this.#decoded.features, this.#features.histograms()), settings, whole)
  }

  /** The scores of the window; undefined when there were none. */
  judgeScores(settings: DriftSettings, whole: boolean): PredictionPoint | undefined {
    if (this.#n === 0) return undefined
    const [drift] = judgeWindow(compared([this.#decoded.score], [this.#scores]), settings, whole)
    const { classes } = this.#decoded.reference
    const quantile = (share: number): number => quantileOf(this.#scoreQuantiles, share)
    return {
      n: this.#n,
      mean: this.#sum / this.#n,
      q10: quantile(0.1),
      q50: quantile(0.5),
      q90: quantile(0.9),
      ...(classes === undefined ? {} : { classes: sharesOf(classes, this.#scores) }),
      drift: drift!,
    }
  }
}

function compared(references: readonly DecodedColumn[], histograms: readonly Histogram[]): ComparedColumn[] {
  return references.map(({ histogram, usual }, index) => {
    const columns = { reference: histogram, current: histograms[index]! }
    return usual === undefined ? columns : { ...columns, usual }
  })
}

/** The share of each class by its name, from how often it was the likeliest. */
export function sharesOf(classes: readonly string[], { counts }: Pick<Histogram, 'counts'>): Record<string, number> {
  let rows = 0
  for (let place = 0; place < classes.length; place += 1) rows += counts[place]!
  return Object.fromEntries(classes.map((name, place) => [name, counts[place]! / Math.max(1, rows)]))
}

/** Linear inside a bin; what lies in one of the open bins counts as at its center. */
function quantileOf({ bins, counts }: Histogram, share: number): number {
  const valueBins = bins.edges.length + 1
  let rows = 0
  for (let bin = 0; bin < valueBins; bin++) rows += counts[bin]!
  let below = 0
  for (let bin = 0; bin < valueBins; bin++) {
    const count = counts[bin]!
    if (count > 0 && below + count >= share * rows) {
      const lower = bins.edges[bin - 1]
      const upper = bins.edges[bin]
      if (lower === undefined || upper === undefined) return bins.centers[bin]!
      return lower + (upper - lower) * Math.max(0, (share * rows - below) / count)
    }
    below += count
  }
  return Number.NaN
}
