import { type Random, seededRandom } from '../../core/random.ts'
import { HOUR } from '../../core/time.ts'
import { normalProbability, normalQuantile } from '../../stats/distributions.ts'
import { randomNormal } from '../../stats/testing/random-samples.ts'
import type { Judged } from './evaluate.ts'

/** Two models whose true AUCs are known, on rows of hours that have something in common. */
export interface SimulatedAuc {
  readonly rows: number
  /** Share of positive rows. */
  readonly share: number
  readonly champion: number
  readonly candidate: number
  /** Part of what the models do not know that both do not know. */
  readonly correlation: number
  /** Rows of an hour, and how much of all that varies is that of the hour. */
  readonly perHour: number
  readonly ofHour: number
}

export interface SimulatedPair {
  readonly judged: Judged
  readonly champion: Float64Array
}

/** Draws of a row that are partly those of its hour. */
function createHourly(
  random: Random,
  perHour: number,
  ofHour: number,
  kinds: number,
): (row: number, kind: number) => number {
  const shared = new Float64Array(kinds)
  let hour = -1
  return (row, kind) => {
    const now = Math.floor(row / perHour)
    if (now !== hour) {
      hour = now
      for (let index = 0; index < kinds; index += 1) shared[index] = randomNormal(random)
    }
    return Math.sqrt(ofHour) * shared[kind]! + Math.sqrt(1 - ofHour) * randomNormal(random)
  }
}

function timesOf(rows: number, perHour: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => (row / perHour) * HOUR)
}

/** Scores that are normal given the label, so that the AUC of the distance d is the normal share below d / sqrt 2. */
export function simulateAuc(seed: number, simulated: SimulatedAuc): SimulatedPair {
  const { rows, share, correlation, perHour, ofHour } = simulated
  const random = seededRandom(seed)
  const drawn = createHourly(random, perHour, ofHour, 4)
  const distance = (auc: number): number => Math.SQRT2 * normalQuantile(auc)
  const [better, other] = [distance(simulated.candidate), distance(simulated.champion)]
  const labels = new Float64Array(rows)
  const scores = new Float64Array(rows)
  const champion = new Float64Array(rows)
  for (let row = 0; row < rows; row += 1) {
    const label = normalProbability(drawn(row, 0)) < share ? 1 : 0
    const both = Math.sqrt(correlation) * drawn(row, 1)
    labels[row] = label
    scores[row] = better * label + both + Math.sqrt(1 - correlation) * drawn(row, 2)
    champion[row] = other * label + both + Math.sqrt(1 - correlation) * drawn(row, 3)
  }
  return { judged: { labels, scores, times: timesOf(rows, perHour) }, champion }
}

export interface SimulatedNoise {
  readonly rows: number
  readonly perHour: number
  readonly ofHour: number
  /** Spread of the candidate's error in log-odds; the champion has none. */
  readonly noise: number
}

/** A champion that knows each row's probability, and a candidate that errs about its log-odds. */
export function simulateProbabilities(seed: number, { rows, perHour, ofHour, noise }: SimulatedNoise): SimulatedPair {
  const random = seededRandom(seed)
  const drawn = createHourly(random, perHour, ofHour, 2)
  const labels = new Float64Array(rows)
  const scores = new Float64Array(rows)
  const champion = new Float64Array(rows)
  for (let row = 0; row < rows; row += 1) {
    const odds = drawn(row, 0)
    champion[row] = probabilityOf(odds)
    scores[row] = probabilityOf(odds + noise * drawn(row, 1))
    labels[row] = random.next() < champion[row]! ? 1 : 0
  }
  return { judged: { labels, scores, times: timesOf(rows, perHour) }, champion }
}

/** How much greater the candidate's log loss truly is: the mean over both normal distributions, by quadrature. */
export function expectedLogLoss(noise: number): number {
  let sum = 0
  let weights = 0
  for (let odds = -8; odds <= 8; odds += 0.05) {
    for (let error = -8; error <= 8; error += 0.05) {
      const weight = Math.exp(-(odds ** 2 + error ** 2) / 2)
      const truth = probabilityOf(odds)
      const said = probabilityOf(odds + noise * error)
      sum += weight * (truth * Math.log(truth / said) + (1 - truth) * Math.log((1 - truth) / (1 - said)))
      weights += weight
    }
  }
  return sum / weights
}

function probabilityOf(odds: number): number {
  return 1 / (1 + Math.exp(-odds))
}

export interface SimulatedDecisions {
  readonly rows: number
  readonly perHour: number
  readonly ofHour: number
  /** Share of rows that only the candidate decides rightly, and that only the champion does. */
  readonly onlyCandidate: number
  readonly onlyChampion: number
}

/** Two models that are right or wrong about rows that are all positive, at a threshold of one half. */
export function simulateDecisions(seed: number, simulated: SimulatedDecisions): SimulatedPair {
  const { rows, perHour, ofHour, onlyCandidate, onlyChampion } = simulated
  const drawn = createHourly(seededRandom(seed), perHour, ofHour, 1)
  const labels = new Float64Array(rows).fill(1)
  const scores = new Float64Array(rows).fill(1)
  const champion = new Float64Array(rows).fill(1)
  for (let row = 0; row < rows; row += 1) {
    const place = normalProbability(drawn(row, 0))
    if (place < onlyCandidate) champion[row] = 0
    else if (place > 1 - onlyChampion) scores[row] = 0
  }
  return { judged: { labels, scores, times: timesOf(rows, perHour) }, champion }
}
