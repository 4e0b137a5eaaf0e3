import type { GateDefinition } from '../../src/language/define/definitions.ts'
import type { GateResult } from '../../src/models/training/gate.ts'
import { judgeCandidate } from '../../src/models/training/gate.ts'
import { type Holdout, nextHoldout } from '../../src/models/training/holdout.ts'
import { segmentRows } from '../../src/models/training/segments.ts'
import {
  expectedLogLoss,
  type SimulatedPair,
  simulateAuc,
  simulateDecisions,
  simulateProbabilities,
} from '../../src/models/training/simulated-candidates.fixture.ts'
import type { Check, EngineSuite } from './suite.ts'

/** Error rates of the gate over thousands of simulated candidates: too long for `npm test`, which takes hundreds. */
export const gateSuite: EngineSuite = {
  name: 'gate',
  async run(check) {
    for (const [name, one] of Object.entries(aucCases)) await checkAuc(check, name, one)
    for (const hours of [20, 72]) await checkLogLoss(check, hours)
    for (const [name, one] of Object.entries(decisionCases)) await checkDecisions(check, name, one)
    await checkSegments(check)
    await checkLooks(check)
  },
}

const gate: GateDefinition = { metric: 'auc', baseline: 'without_windows', champion: { margin: 0.01 }, segments: [] }
const holdout: Holdout = { from: 0, to: 1, champion: 1, look: 1, alpha: 0.05 }
const SAMPLES = 4000

const aucCases = {
  'few hours': { rows: 1000, share: 0.2, champion: 0.75, correlation: 0.7, perHour: 50, ofHour: 0.1 },
  'three days': { rows: 3600, share: 0.2, champion: 0.78, correlation: 0.8, perHour: 50, ofHour: 0.1 },
  'much in common': { rows: 3600, share: 0.2, champion: 0.78, correlation: 0.8, perHour: 50, ofHour: 0.3 },
  'rare outcomes': { rows: 3000, share: 0.02, champion: 0.85, correlation: 0.7, perHour: 10, ofHour: 0.05 },
  'near perfect': { rows: 3000, share: 0.1, champion: 0.97, correlation: 0.7, perHour: 10, ofHour: 0.05 },
}

const decisionCases = {
  'few disagree': { rows: 1000, perHour: 20, ofHour: 0.05, onlyCandidate: 0.005 },
  'many disagree': { rows: 3600, perHour: 50, ofHour: 0.2, onlyCandidate: 0.1 },
}

/** So many wrong ones are 5% of the samples and what chance adds to it. */
function requireRate(wrong: number, samples: number, rate = 0.05): string {
  const most = rate + 2.5 * Math.sqrt((rate * (1 - rate)) / samples)
  if (wrong / samples > most) throw new Error(`${wrong} of ${samples} pass wrongly: more than ${most.toFixed(4)}`)
  return `${((100 * wrong) / samples).toFixed(1)}%`
}

function report(name: string, figures: Readonly<Record<string, string>>): void {
  console.log(
    `        ${name}: ${Object.entries(figures)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')}`,
  )
}

function judge(
  definition: GateDefinition,
  { judged, champion }: SimulatedPair,
  thresholds: readonly number[] = [],
): GateResult {
  return judgeCandidate(definition, judged, { champion, incomparable: [] }, [], { seed: 1, holdout, thresholds })
}

function countPasses(samples: number, passes: (seed: number) => boolean): number {
  let passed = 0
  for (let seed = 0; seed < samples; seed += 1) if (passes(seed)) passed += 1
  return passed
}

const percent = (count: number, samples: number): string => `${((100 * count) / samples).toFixed(0)}%`

async function checkAuc(check: Check, name: string, one: (typeof aucCases)['few hours']): Promise<void> {
  await check(`AUC, ${name}: at most 5% at the margin`, async () => {
    const { margin } = gate.champion
    const passes = (better: number) => (seed: number) =>
      judge(gate, simulateAuc(seed, { ...one, candidate: one.champion + better })).verdict === 'pass'
    const wrong = countPasses(SAMPLES, passes(-margin))
    const figures = { 'false promotion': requireRate(wrong, SAMPLES) }
    const power = percent(countPasses(500, passes(0)), 500)
    report(name, {
      ...figures,
      'power when equal': power,
      'when better by the margin': percent(countPasses(500, passes(margin)), 500),
    })
  })
}

async function checkLogLoss(check: Check, hours: number): Promise<void> {
  await check(`log loss over ${hours} hours, bootstrapped: at most 5% at the margin`, async () => {
    const noise = 0.5
    const definition: GateDefinition = { ...gate, metric: 'log_loss', champion: { margin: expectedLogLoss(noise) } }
    const samples = hours < 50 ? 1000 : 400
    const simulated = { rows: hours * 30, perHour: 30, ofHour: 0.1 }
    const passes = (spread: number) => (seed: number) =>
      judge(definition, simulateProbabilities(seed, { ...simulated, noise: spread })).verdict === 'pass'
    const figures = { 'false promotion': requireRate(countPasses(samples, passes(noise)), samples) }
    report(`log loss, ${hours} hours`, {
      ...figures,
      'power at a fifth of it': percent(countPasses(200, passes(noise / 5)), 200),
    })
  })
}

async function checkDecisions(check: Check, name: string, one: (typeof decisionCases)['few disagree']): Promise<void> {
  await check(`decisions, ${name}: at most 5% at the margin`, async () => {
    const margin = 0.01
    const definition: GateDefinition = { ...gate, champion: { margin: 1 }, decisions: { margin } }
    const passes = (worse: number) => (seed: number) => {
      const pair = simulateDecisions(seed, { ...one, onlyChampion: one.onlyCandidate + worse })
      const found = judge(definition, pair, [0.5]).checks.find(({ decisions }) => decisions !== undefined)
      return found?.verdict === 'pass'
    }
    const figures = { 'false promotion': requireRate(countPasses(SAMPLES, passes(margin)), SAMPLES) }
    report(name, { ...figures, 'power when equal': percent(countPasses(500, passes(0)), 500) })
  })
}

async function checkSegments(check: Check): Promise<void> {
  const samples = 1500
  const rows = { rows: 6000, share: 0.25, champion: 0.8, correlation: 0.8, perHour: 50, ofHour: 0.1 }
  const segmented = { ...gate, segmentRows: 500, segmentMargin: 0.03 }
  const judgeSegmented = (seed: number, candidate: number, worse: readonly number[]) => {
    const pair = simulateAuc(seed, { ...rows, candidate })
    const { judged } = simulateAuc(seed, { ...rows, candidate: rows.champion - segmented.segmentMargin })
    const scores = pair.judged.scores.map((score, row) => (worse.includes(row % 6) ? judged.scores[row]! : score))
    const names = Array.from(scores, (_, row) => String(row % 6))
    const given = { ...pair.judged, scores }
    return judgeCandidate(
      segmented,
      given,
      { champion: pair.champion, incomparable: [] },
      [segmentRows('kind', names)],
      {
        ...{ seed, holdout },
      },
    )
  }
  await check('segments: any of those that are worse by the margin passes in at most 5% of samples', async () => {
    for (const worse of [[0], [0, 1, 2], [0, 1, 2, 3, 4, 5]]) {
      const wrong = countPasses(samples, (seed) =>
        judgeSegmented(seed, rows.champion, worse).checks.some(
          ({ segment, verdict }) => worse.map(String).includes(segment?.name ?? '') && verdict === 'pass',
        ),
      )
      report(`${worse.length} of 6 segments worse`, { 'any of them passes': requireRate(wrong, samples) })
    }
    const power = percent(
      countPasses(300, (seed) => judgeSegmented(seed, rows.champion, []).verdict !== 'insufficient'),
      300,
    )
    report('six segments', { 'all are proved when equal, and the whole': power })
  })
}

async function checkLooks(check: Check): Promise<void> {
  await check('eight candidates at the margin on the same rows: any passes in at most 5% of series', async () => {
    const series = 1000
    const rows = { rows: 1500, share: 0.25, champion: 0.8, correlation: 0.7, perHour: 25, ofHour: 0.1 }
    const wrong = countPasses(series, (seed) => {
      const looks: Holdout[] = []
      // The rows and the champion stay; what a candidate does not know is drawn anew.
      const { judged, champion } = simulateAuc(seed, { ...rows, candidate: rows.champion })
      for (let candidate = 0; candidate < 8; candidate += 1) {
        const next = nextHoldout({ from: 0, to: 1, champion: 1 }, looks)
        const scores = candidateAtMargin(seed, candidate, judged.labels, champion)
        const result = judgeCandidate(gate, { ...judged, scores }, { champion, incomparable: [] }, [], {
          ...{ seed, holdout: next },
        })
        if (result.verdict === 'pass') return true
        looks.push(next)
      }
      return false
    })
    report('eight looks', { 'any passes': requireRate(wrong, series) })
  })
}

/** Scores worse than a champion's by the margin: those of a champion that is blurred by as much. */
function candidateAtMargin(
  seed: number,
  candidate: number,
  labels: Float64Array,
  champion: Float64Array,
): Float64Array {
  // The distance of the classes is that of an AUC of .8; noise that makes it .79 adds so much to the variance of 1.
  const variance = (1.190232 / 1.140425) ** 2 - 1
  const { judged } = simulateAuc(1_000_003 * (candidate + 1) + seed, {
    ...{ rows: labels.length, share: 0.5, champion: 0.5, candidate: 0.5, correlation: 0, perHour: 25, ofHour: 0.1 },
  })
  return champion.map((score, row) => score + Math.sqrt(variance) * judged.scores[row]!)
}
