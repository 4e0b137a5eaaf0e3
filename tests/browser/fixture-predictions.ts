import type { Fleet, LoggedPredictionPage, PredictionLogState, TraceAnswer } from '../../src/platform/api/contract.ts'
import { HOUR } from './fixture-data.ts'
import { paged } from './fixture-registry.ts'

type Logged = LoggedPredictionPage['predictions'][number]

const MINUTE = HOUR / 60
const digest = `sha256:${'4'.repeat(64)}`

/** Answers about what was logged; undefined for an address that is none of it. */
export function predictionsAnswer(fleet: Fleet, path: string, query: URLSearchParams): unknown {
  const all = logged(fleet)
  if (path === 'api/v1/prediction-log') return state(fleet, all.length)
  if (path === 'api/v1/predictions') return page(all, query)
  const [, id, part] = /^api\/v1\/predictions\/(p4gm-\d+)(\/trace)?$/.exec(path) ?? []
  const found = all.find((one) => one.prediction_id === id)
  if (found === undefined) return undefined
  return part === undefined ? found : trace(found)
}

function logged({ models, now }: Fleet): Logged[] {
  return models
    .filter(({ version }) => version !== undefined)
    .flatMap(({ name, version }, place) =>
      Array.from({ length: 60 }, (_, index): Logged => {
        const score = ((index * 37 + place * 11) % 97) / 97
        const servedAt = now - index * MINUTE * 1.7
        return {
          ...{ prediction_id: `p4gm-${place * 1000 + index}`, model: name, version: version ?? 1, digest },
          ...{ t: servedAt - 2_000_000, served_at: servedAt, mode: index % 9 === 4 ? 'stream' : 'http' },
          row: {
            ...{ flight: `UA${1100 + (index % 7)}`, origin: ['JFK', 'ORD', 'SFO'][index % 3], distance_mi: 2586 },
            ...{ gate: null, scheduled_at: servedAt + 3 * HOUR },
          },
          ...{ times: ['scheduled_at'], score, decision: score > 0.5 ? 'rebook' : 'keep' },
          ...(index % 14 === 3 ? { decided_by: 'hand:2' } : {}),
          ...(index % 14 === 5 ? { decided_by: 'missing:origin_delays.mean_delay_1h' } : {}),
          latency_us: 40 + ((index * 131) % 900),
        }
      }),
    )
    .sort((a, b) => b.served_at - a.served_at)
}

function page(all: readonly Logged[], query: URLSearchParams): LoggedPredictionPage {
  const [column, value] = query.get('entity')?.split('=') ?? []
  const matching = all.filter(
    (one) =>
      one.model === (query.get('model') ?? one.model) &&
      one.decision === (query.get('decision') ?? one.decision) &&
      (column === undefined || String(one.row[column]) === value),
  )
  const asked = new URLSearchParams({ cursor: query.get('after') ?? '0', limit: query.get('limit') ?? '100' })
  return paged(matching, asked, (predictions, next) => ({ predictions, ...(next === null ? {} : { next }) }))
}

function state({ models, now }: Fleet, rows: number): PredictionLogState {
  if (rows === 0) return { log: { rows: 0, bytes: 0 }, lake: { rows: 0, bytes: 0, files: 0 }, removed: [], models: [] }
  return {
    log: { rows: 48_211, bytes: 31_400_112, oldest: now - 5 * HOUR },
    lake: { rows: 2_793_166, bytes: 1_204_118_002, files: 148 },
    removed: [{ model: models[0]?.name ?? '', reason: 'retention', rows: 411_902 }],
    models: models.map(({ name }) => ({ model: name, shed: 0, unsampled: 0, lag: 0 })),
    sink: { delivered: 2_841_377, skipped: 0, missed: 0, failures: 0, lag: 2_000_000 },
  }
}

function trace({ prediction_id, served_at, decision = 'keep', score, ...one }: Logged): TraceAnswer {
  const { model, version, t, mode, row, times } = one
  const moved = [
    ...[['origin_delays.mean_delay_1h', 18.4, 0.62] as const, ['timing.hour', 17, 0.21] as const],
    ...[['distance_mi', 2586, -0.084] as const, ['route_delays.late_share_3h', null, -0.011] as const],
  ]
  return {
    prediction: {
      ...{ id: prediction_id, model, version, digest, t, servedAt: served_at, mode, row, times },
      ...{ score: score ?? 0, decision },
    },
    explanation: {
      ...{ unit: 'log_odds', base: -1.314, margin: -0.579 },
      contributions: moved.map(([feature, , contribution]) => ({ feature, contribution })),
    },
    features: moved.map(([name, value]) => ({
      ...{ name, value, status: value === null ? 'empty' : 'value', logic: 'mean(delay_min)' },
    })),
    cut: [],
  }
}
