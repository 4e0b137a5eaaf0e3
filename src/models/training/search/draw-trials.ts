import { exp } from '../../../core/math/exp.ts'
import { log } from '../../../core/math/log.ts'
import { type Random, seededRandom } from '../../../core/random.ts'
import type { SearchDefinition, SearchRange } from '../../../language/define/search-definition.ts'

/** Values of parameters of the trainer, by their names. */
export type TrialParameters = Readonly<Record<string, number>>

/** The trials of a search in their order, each combination once: a function of the search alone. */
export function drawTrials(search: SearchDefinition): readonly TrialParameters[] {
  if (search.kind === 'grid') return combinations(Object.entries(search.space))
  const random = seededRandom(search.seed)
  const spaces = Object.entries(search.space)
  const drawn = Array.from({ length: search.trials }, () =>
    Object.fromEntries(spaces.map(([name, range]) => [name, drawFrom(range, random)])),
  )
  const seen = new Set<string>()
  return drawn.filter((trial) => {
    const text = JSON.stringify(trial)
    return !seen.has(text) && seen.add(text)
  })
}

function combinations(spaces: readonly (readonly [string, readonly number[]])[]): TrialParameters[] {
  return spaces.reduce<TrialParameters[]>(
    (trials, [name, values]) => trials.flatMap((trial) => values.map((value) => ({ ...trial, [name]: value }))),
    [{}],
  )
}

function drawFrom(range: SearchRange, random: Random): number {
  if (!('from' in range)) return range[random.integer(range.length)]!
  const { from, to, scale, whole } = range
  // Each whole number has a stretch of the same length, the first and the last one too.
  const [low, high] = whole ? [from - 0.5, to + 0.5] : [from, to]
  const share = random.next()
  const value = scale === 'linear' ? low + share * (high - low) : exp(log(low) + share * (log(high) - log(low)))
  const within = Math.min(Math.max(value, from), to)
  return whole ? Math.min(Math.max(Math.floor(value + 0.5), from), to) : within
}
