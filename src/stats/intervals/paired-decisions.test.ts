import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { mcnemar, pairedDecisions } from './paired-decisions.ts'

/** Decisions of two models, of which only one is right on so many rows each. */
function decisions(rows: number, onlyCandidate: number, onlyChampion: number) {
  const candidate = Uint8Array.from({ length: rows }, (_, row) =>
    row >= onlyCandidate && row < onlyCandidate + onlyChampion ? 0 : 1,
  )
  const champion = Uint8Array.from({ length: rows }, (_, row) => (row < onlyCandidate ? 0 : 1))
  return { candidate, champion }
}

test.each([
  [6, 16, 0.052478790283203125, 'exact'],
  [0, 5, 0.0625, 'exact'],
  [12, 12, 1, 'exact'],
  [150, 86, 4.114562281345944e-5, 'corrected'],
  [30, 10, 0.002663119259138558, 'corrected'],
  [25, 26, 1, 'corrected'],
])('McNemar of %i against %i is %f, as statsmodels says', (one, other, pValue, method) => {
  expect(mcnemar(one, other).pValue / pValue).toBeCloseTo(1, 6)
  expect(mcnemar(one, other).method).toBe(method)
})

/** The most likely shares under a difference, by search: the share that only the champion has, at the best likelihood. */
function scoreBySearch(rows: number, gained: number, lost: number, bound: number): number {
  const least = Math.max(0, -bound)
  const likelihood = (share: number): number =>
    gained * Math.log(share + bound) + lost * Math.log(share) + (rows - gained - lost) * Math.log(1 - 2 * share - bound)
  let best = least
  for (let step = 1; step < 200_000; step++) {
    const share = least + (step / 200_000) * ((1 - bound) / 2 - least)
    if (likelihood(share) > likelihood(best) || step === 1) best = share
  }
  return (gained - lost - rows * bound) / Math.sqrt(rows * (2 * best + bound * (1 - bound)))
}

test.each([
  [200, 14, 22, -0.02],
  [500, 40, 30, 0.01],
  [60, 20, 9, -0.1],
])(
  'of %i decisions, %i against %i, the score against %f is that of the likeliest shares',
  (rows, gained, lost, bound) => {
    const { candidate, champion } = decisions(rows, gained, lost)
    const { difference } = pairedDecisions(candidate, champion)
    const score = scoreBySearch(rows, gained, lost, bound)
    // The normal tail by its own definition, as Student's distribution of so many rows is close to it.
    const tail = 0.5 * (1 - erf(score / Math.SQRT2))
    expect(Math.abs(difference!.pAbove(bound) - tail)).toBeLessThan(0.002)
  },
)

function erf(x: number): number {
  let sum = 0
  let term = x
  for (let n = 0; n < 80; n++) {
    sum += term / (2 * n + 1)
    term *= -(x * x) / (n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

test('decisions are counted, and what no model gets wrong alone says that they are alike', () => {
  const { candidate, champion } = decisions(1000, 7, 4)
  const compared = pairedDecisions(candidate, champion)
  expect(compared).toMatchObject({ rows: 1000, onlyCandidate: 7, onlyChampion: 4, mcnemar: { method: 'exact' } })
  expect(compared.difference!.value).toBeCloseTo(0.003, 12)
  expect(compared.difference!.pAbove(0)).toBeCloseTo(0.274414, 6)
  const alike = pairedDecisions(candidate, candidate).difference!
  expect(alike.standardError).toBe(0)
  expect(alike.pAbove(-0.01)).toBeLessThan(0.001)
})

test('rows that come ten times over prove no more than once, when they are one cluster', () => {
  const once = decisions(300, 40, 25)
  const tenfold = (of: Uint8Array) => Uint8Array.from({ length: 3000 }, (_, row) => of[row % 300]!)
  const clusters = Uint32Array.from({ length: 3000 }, (_, row) => row % 300)
  const [candidate, champion] = [tenfold(once.candidate), tenfold(once.champion)]
  const single = pairedDecisions(once.candidate, once.champion).difference!
  const clustered = pairedDecisions(candidate, champion, { clusters }).difference!
  expect(clustered.pAbove(0)).toBeCloseTo(single.pAbove(0), 2)
  expect(pairedDecisions(candidate, champion).difference!.pAbove(0)).toBeLessThan(0.001)
  const few = Uint32Array.from({ length: 3000 }, (_, row) => row % 9)
  expect(pairedDecisions(candidate, champion, { clusters: few }).difference).toBeUndefined()
})

test('columns that do not fit are refused', () => {
  expect(() => pairedDecisions(new Uint8Array(2), new Uint8Array(3))).toThrow(/2 decisions do not fit 3/)
})

test('few decisions that only one of them gets right prove little when all of them come from one cluster', () => {
  const { candidate, champion } = decisions(2000, 12, 0)
  const clusters = Uint32Array.from({ length: 2000 }, (_, row) => Math.floor(row / 40))
  expect(pairedDecisions(candidate, champion).difference!.pAbove(0)).toBeCloseTo(2 ** -12, 8)
  expect(pairedDecisions(candidate, champion, { clusters }).difference!.pAbove(0)).toBeGreaterThan(0.1)
})

test('a decision counts by the weight of its row', () => {
  const { candidate, champion } = decisions(600, 60, 40)
  const plain = pairedDecisions(candidate, champion).difference!
  const alike = pairedDecisions(candidate, champion, { weights: new Float64Array(600).fill(7) }).difference!
  expect(alike.value).toBeCloseTo(plain.value, 12)
  expect(alike.pAbove(0)).toBeCloseTo(plain.pAbove(0), 3)
  // What the champion alone decides rightly is at stake three times over: 60 against 120.
  const weights = Float64Array.from({ length: 600 }, (_, row) => (row >= 60 && row < 100 ? 3 : 1))
  const weighted = pairedDecisions(candidate, champion, { weights })
  expect(weighted).toMatchObject({ onlyCandidate: 60, onlyChampion: 40 })
  expect(weighted.difference!.value).toBeCloseTo((60 - 120) / 680, 12)
  expect(weighted.difference!.pBelow(0)).toBeLessThan(0.01)
  // A row of weight 3 is one opinion, not three rows that agree.
  const repeated = decisions(680, 60, 120)
  expect(weighted.difference!.standardError).toBeGreaterThan(
    pairedDecisions(repeated.candidate, repeated.champion).difference!.standardError,
  )
  // Rows without weight say nothing.
  const none = Float64Array.from({ length: 600 }, (_, row) => (row < 60 ? 0 : 1))
  expect(pairedDecisions(candidate, champion, { weights: none }).difference!.value).toBeCloseTo(-40 / 540, 12)
  expect(pairedDecisions(candidate, champion, { weights: new Float64Array(600) }).difference).toBeUndefined()
})

test('an interval of weighted decisions holds the truth as often as it says', () => {
  const random = seededRandom(12)
  let below = 0
  const TRIALS = 250
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const rows = 1000
    const weights = Float64Array.from({ length: rows }, () => random.next() ** 2 * 10)
    const candidate = Uint8Array.from({ length: rows }, () => (random.next() < 0.8 ? 1 : 0))
    const champion = Uint8Array.from(candidate, (right) => (random.next() < 0.85 ? right : random.next() < 0.8 ? 1 : 0))
    if (pairedDecisions(candidate, champion, { weights }).difference!.pAbove(0) < 0.1) below += 1
  }
  expect(below / TRIALS).toBeGreaterThan(0.05)
  expect(below / TRIALS).toBeLessThan(0.15)
})
