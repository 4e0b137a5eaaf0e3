import { asTruelineError, type TruelineError } from '../../../core/errors.ts'
import type { SearchDefinition } from '../../../language/define/search-definition.ts'
import { type MetricName, metrics } from '../../../stats/metrics/metrics.ts'
import { drawTrials, type TrialParameters } from './draw-trials.ts'
import type { SearchResult, Trial, TrialRound } from './search-result.ts'

/**
 * Tries parameters once.
 * @param share of the training rows to learn from, the newest ones
 */
export type TryParameters = (
  parameters: TrialParameters,
  trial: { readonly number: number; readonly share: number },
) => Promise<Omit<TrialRound, 'error'>>

/** A trial while the search goes on. */
interface OpenTrial extends Trial {
  readonly rounds: TrialRound[]
}

/**
 * Makes the trials of a search and takes the best one; of equal ones the first. A trial whose training fails is none of them.
 * @throws TruelineError what the first trial failed with, where all have failed
 */
export async function runSearch(
  search: SearchDefinition,
  metric: MetricName,
  tryParameters: TryParameters,
  onProgress: (sentence: string, done: number) => void,
): Promise<SearchResult> {
  const trials = drawTrials(search).map(
    (parameters, index): OpenTrial => ({ number: index + 1, parameters, rounds: [] }),
  )
  const failures: TruelineError[] = []
  const attempt = async (trial: OpenTrial, share: number): Promise<void> => {
    try {
      trial.rounds.push(await tryParameters(trial.parameters, { number: trial.number, share }))
    } catch (thrown) {
      const error = asTruelineError(thrown)
      failures.push(error)
      trial.rounds.push({ training: 0, value: null, error: { code: error.code, message: error.message } })
    }
  }
  const made = search.kind === 'halving' ? await halve() : await tryInTurn(search.patience)
  const [best] = ranked(made, metric)
  if (best === undefined || lastValue(best) === null) throw failures[0] ?? new Error(`no trial has a ${metric}`)
  return { metric, trials: made, best: best.number, ended: made.length === trials.length ? 'all' : 'patience' }

  async function tryInTurn(patience = Number.POSITIVE_INFINITY): Promise<readonly OpenTrial[]> {
    let best = 0
    for (const [index, trial] of trials.entries()) {
      onProgress(`trial ${index + 1} of ${trials.length}`, index / trials.length)
      await attempt(trial, 1)
      if (ranked(trials.slice(0, index + 1), metric)[0]!.number === trial.number) best = index
      if (index - best >= patience) return trials.slice(0, index + 1)
    }
    return trials
  }

  async function halve(): Promise<readonly OpenTrial[]> {
    const { factor } = search as Extract<SearchDefinition, { kind: 'halving' }>
    const rounds = roundsOf(trials.length, factor)
    let left: readonly OpenTrial[] = trials
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, trial] of left.entries()) {
        onProgress(
          `round ${round + 1} of ${rounds}, trial ${index + 1} of ${left.length}`,
          (round + index / left.length) / rounds,
        )
        await attempt(trial, 1 / factor ** (rounds - 1 - round))
      }
      left = ranked(left, metric).slice(0, Math.max(1, Math.floor(left.length / factor)))
    }
    return trials
  }
}

/** How many rounds leave one trial. */
function roundsOf(trials: number, factor: number): number {
  let rounds = 1
  for (let left = trials; left >= factor; left = Math.floor(left / factor)) rounds += 1
  return rounds
}

/** Those that came farthest first, of them the best first; the order of the trials decides between equal ones. */
function ranked(trials: readonly OpenTrial[], metric: MetricName): readonly OpenTrial[] {
  const sign = metrics[metric].better === 'higher' ? -1 : 1
  const rank = (trial: OpenTrial): number => {
    const value = lastValue(trial)
    return value === null ? Number.POSITIVE_INFINITY : sign * value
  }
  return trials.toSorted((a, b) => {
    const [first, second] = [rank(a), rank(b)]
    return b.rounds.length - a.rounds.length || (first < second ? -1 : first > second ? 1 : 0) || a.number - b.number
  })
}

function lastValue({ rounds }: Trial): number | null {
  return rounds.at(-1)?.value ?? null
}
