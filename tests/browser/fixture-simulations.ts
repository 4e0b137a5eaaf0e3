import type { Fleet, SimulationAnswer } from '../../src/platform/api/contract.ts'
import { DAY } from './fixture-data.ts'

type Policy = SimulationAnswer['policies'][number]

const WEEKS = 20

/** Twelve comparisons of policies, newest first. */
export function simulationsAnswer({ models, now }: Fleet, path: string, query: URLSearchParams): unknown {
  const first = models.find(({ name }) => name === 'late_flight')
  if (path === 'api/v1/simulations') {
    const all =
      first === undefined ? [] : Array.from({ length: 12 }, (_, index) => simulation(first.name, now, 12 - index))
    const offset = Number(query.get('offset') ?? 0)
    return all.slice(offset, offset + Number(query.get('limit') ?? 20))
  }
  const [, number] = /^api\/v1\/simulations\/(\d+)$/.exec(path) ?? []
  return number === undefined || first === undefined ? undefined : simulation(first.name, now, Number(number))
}

function simulation(model: string, now: number, number: number): SimulationAnswer {
  const from = Math.floor(now / DAY) * DAY - (WEEKS * 7 + 1) * DAY
  const times = (every: number): readonly number[] =>
    Array.from({ length: Math.floor((WEEKS - 1) / every) }, (_, place) => from + (place + 1) * every * 7 * DAY)
  return {
    ...{
      number,
      model,
      at: now - (12 - number) * 9 * DAY,
      by: 'ada',
      program: '0.1.0',
      from,
      until: from + WEEKS * 7 * DAY,
    },
    sentence: `Of 4 policies for ${model}, on-drift had the best AUC: .752 (.744 to .760) on 12,311 outcomes, for 3 trainings and 2 alerts. The interval of weekly reaches into its own.`,
    policies: [
      policy('never', {}, from, [], 0.0062, 0.709),
      policy('monthly', { schedule: '0 4 1 * *' }, from, times(4), 0.0021, 0.738),
      policy('weekly', { schedule: '0 4 * * 1' }, from, times(1), 0.0004, 0.748),
      policy('on-drift', { onDrift: { for: 3_600_000_000 }, cooldown: DAY }, from, times(6), 0.0003, 0.752),
    ],
  }
}

/** What is not trained anew decays; the week before the last has no outcome. */
function policy(
  name: string,
  retrain: Omit<Policy['retrain'], 'approval'>,
  from: number,
  releases: readonly number[],
  decay: number,
  value: number,
): Policy {
  const labelled = 600
  return {
    ...{ policy: name, retrain: { approval: 'ask', ...retrain }, metric: 'auc', runs: releases.length },
    ...{ failed: name === 'weekly' ? 2 : 0, seconds: releases.length * 41.3, promotions: releases.length },
    ...{ reverted: name === 'weekly' ? 1 : 0, alerts: name === 'never' ? 9 : 2 },
    releases: releases.map((at, place) => ({ at, version: place + 2, change: 'promote' })),
    overall: { predictions: 13_000, labelled: 12_311, value, low: value - 0.008, high: value + 0.008 },
    stretches: Array.from({ length: WEEKS }, (_, week) => {
      const start = from + week * 7 * DAY
      const point = { name: new Date(start / 1000).toISOString().slice(0, 10), from: start, to: start + 7 * DAY }
      if (week === WEEKS - 2) return { ...point, predictions: 650, labelled: 0, value: null }
      const auc = 0.765 - decay * week + 0.006 * Math.sin(week * 1.7)
      return { ...point, predictions: 650, labelled, value: auc, low: auc - 0.021, high: auc + 0.02 }
    }),
  }
}
