import type {
  Alert,
  AlertPage,
  Fleet,
  FleetModel,
  ModelHealth,
  ModelVersion,
  ObjectiveState,
  ReleaseMarker,
} from '../../src/platform/api/contract.ts'
import { DAY, featureStrips, HOUR, outcomePoints, predictionPoints, servicePoints } from './fixture-data.ts'

/** States that the console must show well, each a small world that answers the contract. */
export interface Scenario {
  fleet(): Fleet
  alerts(): readonly Alert[]
  versions(model: string): readonly ModelVersion[]
  /** Undefined for a model that there is not. */
  health(
    model: string,
    range: { from?: number; to?: number; features: number; offset: number },
  ): ModelHealth | undefined
}

const START = Date.UTC(2001, 1, 1) * 1000
const END = Date.UTC(2001, 5, 30, 9, 24) * 1000
const DIGEST = 'sha256:4f1c9a07be52d6634f1c9a07be52d6634f1c9a07be52d6634f1c9a07be52d663'

const groups = ['origin', 'destination', 'route', 'carrier_hub']
const selects = [
  'mean_delay_1h',
  'mean_delay_3h',
  'late_share_3h',
  'arrivals_24h',
  'last_delay',
  'max_delay_6h',
  'stddev_delay_24h',
  'late_share_7d',
]
const featureNames = [
  ...groups.flatMap((group) => selects.map((select) => `${group}_delays.${select}`)),
  'distance_mi',
  'timing.hour',
]

/** The scenarios by name: each is reached under a path of that name. */
export const scenarios: Readonly<Record<string, () => Scenario>> = {
  months: () => world({}),
  rehearsal,
  empty: () => ({ fleet: () => emptyFleet(), alerts: () => [], versions: () => [], health: () => undefined }),
  'no-data': () => world({ start: END + DAY, names: featureNames, alerts: [], releases: [] }),
  young: () => world({ start: END - 2 * DAY, rowsADay: 120, alerts: [], releases: [release(END - 2 * DAY, 1)] }),
  'long-names': () =>
    world({ model: LONG, names: featureNames.map((name) => `${name}_as_known_at_prediction_time_v2`) }),
  'many-alerts': () => world({ alerts: fortyAlerts() }),
}

const LONG =
  'probability_of_a_missed_connection_at_the_destination_of_the_first_leg_for_itineraries_with_two_or_more_legs'

interface WorldOptions {
  readonly model?: string
  readonly start?: number
  readonly now?: number
  readonly rowsADay?: number
  readonly names?: readonly string[]
  readonly alerts?: readonly Alert[]
  readonly releases?: readonly ReleaseMarker[]
  readonly progress?: Fleet['progress']
}

/** Promises of which one is kept, and one has spent most of its budget. */
export function objectivesOf(now: number, answers: number): ObjectiveState[] {
  const windows = [5 / 60, 0.5, 1, 2, 6, 24, 72].map((hours) => hours * HOUR)
  const state = (target: number, bad: number, rate: number) => ({
    ...{ target, window: 30 * DAY, since: now - 30 * DAY, answers, bad, good: 1 - bad / answers },
    left: 1 - bad / answers / (1 - target),
    burns: windows.map((over) => ({ over, answers: Math.round((answers * over) / (30 * DAY)), bad: 0, rate })),
  })
  return [
    { name: 'availability', ...state(0.999, Math.round(answers / 9000), 0.1) },
    { name: 'latency', bound: 20_000, ...state(0.99, Math.round(answers * 0.0081), 1.7) },
  ]
}

function world(options: WorldOptions): Scenario {
  const { model = 'late_flight', start = START, now = END, names = featureNames, rowsADay } = options
  const releases = (options.releases ?? sevenReleases()).filter(({ at }) => at <= now)
  const alerts = (options.alerts ?? someAlerts(model)).filter(({ openedAt }) => openedAt <= now)
  const open = alerts.filter(({ resolvedAt }) => resolvedAt === undefined)
  const version = releases.at(-1)?.version
  const young = now - start <= 3 * DAY
  const health = young ? 'not_enough_data' : 'warning'
  const sentence = young
    ? `${model} has made too few predictions to be judged: 212 so far, and no label is mature yet.`
    : `${model} v${version} has drifted inputs, but still predicts as expected: 18.4 predictions a minute, p99 8.1 ms a row, AUC .752 on outcomes until 28 June (98% of labels in). origin_delays.mean_delay_1h has drifted since 3 April; accuracy is not affected.`
  const listed: FleetModel = {
    name: model,
    predicts: 'probability that a flight arrives more than 15 minutes late',
    owner: 'data-science',
    health,
    sentence: young
      ? 'Too few predictions to judge.'
      : '3 features have drifted since 3 April; AUC .752 is inside the expected interval.',
    ...(version !== undefined && { version, digest: DIGEST, servingSince: releases.at(-1)?.at ?? now }),
    predictions: { total: young ? 212 : 2_841_377, lastHour: young ? 0 : 1104, perMinute: young ? 0 : 18.4 },
    ...(!young && { p99: 8.1, metric: { name: 'auc', value: 0.752 } }),
    openAlerts: open.length,
    candidates: young ? 0 : 1,
  }
  return {
    fleet: () => ({
      sentence: young
        ? `${model} cannot be judged yet; nothing is known to be wrong.`
        : `1 of 3 models needs a look: ${model} has drifted inputs. Nothing fails, ${open.length} alerts are open, and all 104,312 audited predictions agree with training to the bit.`,
      now,
      clock: 'virtual',
      running: true,
      besides: [],
      ...(options.progress !== undefined && { progress: options.progress }),
      models: young ? [listed] : [...otherModels(now), listed],
      streams: streamsUntil(now),
      parity: young
        ? { checked: 0, mismatches: 0, unverifiable: 0 }
        : { checked: 104_312, mismatches: 0, unverifiable: 12, at: now - HOUR },
    }),
    alerts: () => [...alerts].sort((a, b) => b.openedAt - a.openedAt),
    versions: (asked) => (asked === model && !young ? versionsUntil(model, releases, now) : []),
    health(asked, range) {
      if (asked !== model) return undefined
      const from = Math.max(0, range.from ?? (young ? now - 7 * DAY : start))
      const to = range.to ?? now
      const stretch = { from: Math.max(from, start), to, now }
      const strips = featureStrips(names, stretch, rowsADay)
      return {
        model,
        health,
        sentence,
        now,
        ...(version !== undefined && { version, digest: DIGEST }),
        from,
        to,
        ...(!young && { expected: { auc: 0.761, low: 0.752, high: 0.77 }, baseline: { auc: 0.684 } }),
        releases,
        service: servicePoints(stretch).filter(({ n }) => n > 0),
        features: {
          total: names.length,
          offset: range.offset,
          strips: strips.slice(range.offset, range.offset + range.features),
        },
        prediction: predictionPoints(stretch, rowsADay),
        outcome: outcomePoints(stretch, rowsADay),
        objectives: objectivesOf(now, young ? 212 : 794_880),
        alerts: alerts.filter((alert) => (alert.resolvedAt ?? now) >= from && alert.openedAt <= to),
      }
    },
  }
}

/** A rehearsal that moves on by four hours with each look at it. */
function rehearsal(): Scenario {
  let looks = 0
  const at = (): number => Math.min(END, Date.UTC(2001, 2, 9, 14) * 1000 + looks * 4 * HOUR)
  const current = (): Scenario => {
    const now = at()
    const done = (now - START) / (END - START)
    const flights = Math.round(done * 2_480_000).toLocaleString('en-US')
    return world({
      now,
      progress: {
        phase: 'playing',
        done,
        sentence: `${flights} of 2,480,000 flights scored, 21,400 of them over HTTP; ${Math.max(1, Math.round((1 - done) * 240))} s to go`,
      },
    })
  }
  return {
    fleet() {
      looks += 1
      return current().fleet()
    },
    alerts: () => current().alerts(),
    versions: (model) => current().versions(model),
    health: (model, range) => current().health(model, range),
  }
}

function emptyFleet(): Fleet {
  return {
    sentence: 'No model is defined yet.',
    now: END,
    clock: 'real',
    running: true,
    besides: [],
    models: [],
    streams: [],
    parity: { checked: 0, mismatches: 0, unverifiable: 0 },
  }
}

function otherModels(now: number): FleetModel[] {
  return [
    {
      name: 'turnaround_minutes',
      predicts: 'minutes on the ground between two flights of an aircraft',
      owner: 'operations-research',
      health: 'ok',
      sentence: 'Traffic, inputs and outcomes are as expected.',
      version: 3,
      digest: 'sha256:9be1d04c77a2',
      servingSince: now - 41 * DAY,
      predictions: { total: 812_904, lastHour: 372, perMinute: 6.2 },
      p99: 5.4,
      openAlerts: 0,
      candidates: 0,
    },
    {
      name: 'missed_connection',
      predicts: 'probability that a passenger misses the second leg',
      health: 'not_enough_data',
      sentence: 'Trained, but waits for an approval; nothing serves.',
      predictions: { total: 0, lastHour: 0, perMinute: 0 },
      openAlerts: 0,
      candidates: 1,
    },
  ]
}

function streamsUntil(now: number): Fleet['streams'] {
  return [
    {
      name: 'departures',
      received: 2_999_870,
      accepted: 2_999_612,
      duplicates: 0,
      rejected: 258,
      mended: 0,
      lastEventTime: now - 60_000_000,
    },
    {
      name: 'arrivals',
      received: 2_871_113,
      accepted: 2_840_833,
      duplicates: 1_204,
      rejected: 29_076,
      mended: 1_813,
      lastEventTime: now - 240_000_000,
    },
    { name: 'weather_observations', received: 0, accepted: 0, duplicates: 0, rejected: 0, mended: 0 },
  ]
}

function release(at: number, version: number, reason = 'first release', by = 'ada (asserted)'): ReleaseMarker {
  return { at, version, reason, by }
}

function sevenReleases(): ReleaseMarker[] {
  const day = (month: number, date: number, hour = 3): number => Date.UTC(2001, month, date, hour) * 1000
  return [
    release(day(1, 1, 0), 2, 'passed the gate: AUC .771 against .684 of the baseline'),
    release(day(2, 1), 3, 'monthly retraining, passed the gate', 'scheduler, approved by grace'),
    release(day(3, 1), 5, 'monthly retraining, passed the gate', 'scheduler, approved by grace'),
    release(day(3, 12, 10), 3, 'rollback drill', 'ada (asserted)'),
    release(day(3, 12, 16), 5, 'end of the drill', 'ada (asserted)'),
    release(day(4, 1), 6, 'monthly retraining, passed the gate', 'scheduler, approved by grace'),
    release(day(5, 1), 7, 'monthly retraining, passed the gate', 'scheduler, approved by grace'),
  ]
}

function versionsUntil(model: string, releases: readonly ReleaseMarker[], now: number): ModelVersion[] {
  const serving = releases.at(-1)?.version
  const versions = Array.from({ length: 12 }, (_, index): ModelVersion => {
    const version = index + 1
    const released = releases.find((marker) => marker.version === version)
    const failed = version === 4 || version > 8
    return {
      model,
      version,
      digest: `sha256:${(0x4f1c9a07be52 + version * 7919).toString(16)}`,
      variant: version === 1 ? 'without_windows' : 'full',
      state: released !== undefined ? 'approved' : failed ? 'rejected' : 'candidate',
      standing: released !== undefined ? 'approved' : failed ? 'rejected' : version === 1 ? 'baseline' : 'candidate',
      serving: version === serving,
      author: version < 3 ? 'ada' : 'scheduler',
      ...(released !== undefined && { approvedBy: 'grace' }),
      createdAt: (released?.at ?? START + version * 11 * DAY) - 2 * HOUR,
      metric: { name: 'auc', value: version === 1 ? 0.684 : 0.764 + (version % 4) * 0.003 },
      gate: version === 9 ? 'insufficient' : failed ? 'fail' : 'pass',
      gateSentence: failed
        ? 'AUC .764 (.755–.773) is not better than the champion’s .766 by the margin of .002.'
        : 'AUC .767 (.758–.776) is better than the champion’s .761 and the baseline’s .684; no segment is worse.',
    }
  })
  return versions.filter(({ createdAt }) => createdAt <= now).reverse()
}

function alert(model: string, index: number, rest: Partial<Alert> & Pick<Alert, 'kind' | 'title' | 'openedAt'>): Alert {
  const resolved = rest.resolvedAt
  return {
    id: `alert-${String(index).padStart(3, '0')}`,
    model,
    severity: 'ticket',
    n: 17_000 + index * 371,
    lastSeenAt: resolved ?? END - HOUR,
    runbook: `docs/runbooks/${rest.kind}.md`,
    ...rest,
  }
}

function someAlerts(model: string): Alert[] {
  const at = (month: number, date: number, hour = 0): number => Date.UTC(2001, month, date, hour) * 1000
  return [
    alert(model, 1, {
      kind: 'budget_burning_fast',
      severity: 'page',
      title: 'p99 above 20 ms for 6 hours: 41 ms',
      openedAt: at(3, 23, 13),
      resolvedAt: at(3, 23, 20),
      acknowledgedBy: 'sre-on-call',
    }),
    alert(model, 2, {
      kind: 'data_drift',
      feature: 'origin_delays.mean_delay_1h',
      title: 'origin_delays.mean_delay_1h has drifted: PSI .41 against training',
      openedAt: at(3, 3),
    }),
    alert(model, 3, {
      kind: 'data_drift',
      feature: 'origin_delays.late_share_3h',
      title: 'origin_delays.late_share_3h has drifted: PSI .29 against training',
      openedAt: at(3, 19),
      acknowledgedBy: 'grace',
    }),
    alert(model, 4, {
      kind: 'prediction_drift',
      title: 'Scores have fallen: PSI .19 against the evaluation before release',
      openedAt: at(4, 20),
      resolvedAt: at(5, 4),
    }),
    alert(model, 5, {
      kind: 'performance_drop',
      severity: 'page',
      title: 'AUC .738 (.729–.747) lies below the expected .761 (.752–.770)',
      openedAt: at(4, 24),
      resolvedAt: at(5, 3),
      acknowledgedBy: 'ada',
    }),
    alert(model, 6, {
      kind: 'data_drift',
      feature: 'destination_delays.last_delay',
      title: 'destination_delays.last_delay has drifted: PSI .22 against training',
      openedAt: at(5, 11),
    }),
  ]
}

function fortyAlerts(): Alert[] {
  return Array.from({ length: 40 }, (_, index) => {
    const feature = featureNames[index % featureNames.length] as string
    const openedAt = START + (index * 3.4 + 5) * DAY
    const kind = index % 9 === 4 ? 'performance_drop' : 'data_drift'
    return alert('late_flight', index, {
      kind,
      severity: index % 9 === 4 ? 'page' : 'ticket',
      ...(kind === 'data_drift' && { feature }),
      title:
        kind === 'data_drift'
          ? `${feature} has drifted: PSI .${20 + (index % 30)} against training`
          : 'AUC lies below the expected interval',
      openedAt,
      ...(index % 3 !== 0 && { resolvedAt: openedAt + (4 + (index % 11)) * DAY }),
    })
  })
}

/** One page of alerts, as the platform cuts it. */
export function alertPage(alerts: readonly Alert[], query: URLSearchParams): AlertPage {
  const state = query.get('open') === 'true' ? 'open' : query.get('state')
  const about = query.get('model')
  const matching = alerts.filter(
    ({ resolvedAt, model }) =>
      (state === null || (state === 'open') === (resolvedAt === undefined)) && (about === null || about === model),
  )
  const offset = Number(query.get('cursor') ?? query.get('offset') ?? 0)
  const end = offset + Number(query.get('limit') ?? 10)
  return {
    total: matching.length,
    alerts: matching.slice(offset, end),
    next: end < matching.length ? String(end) : null,
  }
}
