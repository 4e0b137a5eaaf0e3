import type {
  ActPage,
  AliasAnswer,
  AliasPage,
  Fleet,
  ListedVersionPage,
  ModelVersion,
  RegisteredModelPage,
  ServedAnswer,
  VersionAnswer,
} from '../../src/platform/api/contract.ts'
import { DAY, HOUR } from './fixture-data.ts'
import type { Scenario } from './fixture-scenarios.ts'

const LOGGED = 'churn_of_subscribers_as_logged_from_a_notebook'
const approval = { by: 'grace', reason: 'Better than the champion on every segment.' }

/** Answers about the registry; undefined for an address that is none of it. */
export function registryAnswer(world: Scenario, path: string, query: URLSearchParams): unknown {
  const fleet = world.fleet()
  if (path === 'api/v1/registered-models') return models(fleet, query)
  if (path === 'api/v1/acts') return acts(fleet, query)
  const [, of, rest = ''] = /^api\/v1\/(?:registered-)?models\/([^/]+)\/(.*)$/.exec(path) ?? []
  if (of === undefined) return undefined
  const model = decodeURIComponent(of)
  if (path.startsWith('api/v1/registered-models/')) return versions(world, model, query)
  if (rest === 'aliases') return aliases(world, model)
  if (rest === 'history') return history(world, model, query)
  if (rest === 'served') return served(world, model, Number(query.get('at') ?? fleet.now))
  const [, number] = /^versions\/(\d+)$/.exec(rest) ?? []
  return number === undefined ? undefined : version(world, model, Number(number))
}

function models({ models: known, now }: Fleet, query: URLSearchParams): RegisteredModelPage {
  const times = { createdAt: now - 120 * DAY, updatedAt: now - DAY }
  const named = known.map(({ name, version: serving }) => ({
    ...{ name, description: '', tags: {}, governed: true, newest: 12, ...times },
    aliases: serving === undefined ? {} : { champion: serving, challenger: serving + 1 },
  }))
  const logged = Array.from({ length: known.length === 0 ? 0 : 30 }, (_, index) => ({
    ...{ name: `${LOGGED}_${index}`, governed: false, newest: 3, aliases: {}, ...times },
    description: 'Logged by a notebook of the growth team.\nNever served.',
    tags: { team: 'growth', stage: 'draft' },
  }))
  const all = [...named, ...logged].filter(({ name }) => (query.get('filter') === null ? true : name.includes('late')))
  return paged(all, query, (items, next) => ({ models: items, next }))
}

function listed(world: Scenario, model: string): readonly ModelVersion[] {
  return world.versions(model)
}

function versions(world: Scenario, model: string, query: URLSearchParams): ListedVersionPage | undefined {
  const all = listed(world, model)
  if (all.length === 0) return undefined
  const logged = {
    version: 13,
    state: 'logged',
    standing: 'logged',
    serving: false,
    aliases: ['draft'],
    stage: 'Staging',
  } as const
  const times = { createdAt: world.fleet().now - HOUR, author: 'carl', run: 'f81d4fae7dec', description: '' }
  const answers = all.map((one) => ({
    ...{
      model,
      version: one.version,
      state: one.state as VersionAnswer['state'],
      standing: one.standing as VersionAnswer['standing'],
      serving: one.serving,
    },
    ...{ aliases: one.serving ? ['champion', 'production'] : [], stage: 'None', description: '' },
    ...{ author: one.author, createdAt: one.createdAt, run: `run-${one.version}`, digest: one.digest },
    gate: one.gate === undefined ? null : { verdict: one.gate, sentence: one.gateSentence ?? '' },
    approvals: one.approvedBy === undefined ? [] : [{ ...approval, at: one.createdAt + HOUR }],
  }))
  return paged([{ model, ...logged, ...times }, ...answers], query, (items, next) => ({ versions: items, next }))
}

function aliases(world: Scenario, model: string): AliasAnswer[] {
  const serving = listed(world, model).find((one) => one.serving)
  if (serving === undefined) return []
  const from = serving.createdAt
  return [
    { alias: 'champion', version: serving.version, from, by: 'scheduler', reason: 'passed the gate' },
    { alias: 'production', version: serving.version, from, by: 'carl', reason: null },
  ]
}

function history(world: Scenario, model: string, query: URLSearchParams): AliasPage {
  const released = listed(world, model).filter(({ approvedBy }) => approvedBy !== undefined)
  const changes = [...released, ...released, ...released, ...released].map(
    (one, index): AliasAnswer => ({
      ...{ alias: query.get('alias') ?? 'champion', version: one.version, from: one.createdAt + 2 * HOUR + index },
      ...{ change: index % 7 === 3 ? 'rollback' : 'promote', by: 'ada' },
      reason: index % 4 === 1 ? null : 'passed the gate: AUC .771 against .684 of the baseline',
    }),
  )
  return paged(changes, query, (items, next) => ({ changes: items, next }))
}

function served(world: Scenario, model: string, at: number): ServedAnswer {
  const before = listed(world, model).filter((one) => one.approvedBy !== undefined && one.createdAt <= at)
  const [one] = before
  if (one === undefined) return { model, at, served: null }
  return {
    ...{ model, at },
    served: {
      ...{ version: one.version, digest: one.digest, from: one.createdAt + 2 * HOUR, until: null, change: 'promote' },
      ...{ by: 'ada', reason: 'passed the gate', author: one.author },
      approvals: [{ ...approval, at: one.createdAt + HOUR }],
    },
  }
}

const estimate = { value: 0.0065, standardError: 0.0031, low: -0.0004, high: 0.0134, confidence: 0.95 }

function version(world: Scenario, model: string, number: number): VersionAnswer | undefined {
  const one = listed(world, model).find((candidate) => candidate.version === number)
  if (one === undefined) return undefined
  const given = one.approvedBy === undefined ? [] : [{ ...approval, at: one.createdAt + HOUR }]
  const segments = Array.from({ length: 46 }, (_, index) => ({
    ...{ column: 'origin', name: index === 4 ? null : `A${String(index).padStart(2, '0')}`, rows: 4000 - index * 70 },
    ...{ labelMean: 0.19, metrics: { auc: 0.62 + index * 0.003, log_loss: 0.48 - index * 0.002 } },
  }))
  return {
    ...{
      model,
      version: number,
      state: one.state as VersionAnswer['state'],
      standing: one.standing as VersionAnswer['standing'],
      serving: one.serving,
    },
    ...{ aliases: one.serving ? ['champion'] : [], stage: 'None', description: '', tags: { team: 'ops' } },
    ...{ author: one.author, createdAt: one.createdAt, run: `run-${number}`, source: null, signature: null },
    servable: {
      ...{ digest: one.digest, variant: one.variant, author: one.author, createdAt: one.createdAt },
      definition: one.digest,
      features: { origin_delays: `sha256:${'1'.repeat(64)}`, timing: `sha256:${'2'.repeat(64)}` },
      parts: { scorer: `sha256:${'3'.repeat(64)}`, contract: `sha256:${'4'.repeat(64)}` },
      takes: [],
      contract: {
        ...{ contract: 1, model, inputs: [] },
        request: {
          columns: {
            carrier: { type: 'string', missing: 'refuse', used: true, oneOf: ['AA', 'DL', 'UA'] },
            fare: { type: 'decimal', scale: 2, min: 0, missing: 'null', used: false },
            scheduled_at: { type: 'timestamp', missing: 'refuse', used: true },
          },
          time: 'scheduled_at',
        },
        response: {
          score: { kind: 'probability', min: 0, max: 1 },
          ...{ decisions: ['keep', 'rebook'], fallback: 'keep', errors: ['missing_column'] },
        },
      },
      parameters: { trees: 200, depth: 6, learningRate: 0.1, seed: 7 },
      evaluation: {
        ...{ rows: 120_411, labelMean: 0.191, calibration: { error: 0.008, curve: [] }, segments },
        ...(one.version === 1 ? { ofClasses } : {}),
        metrics: {
          auc: { ...estimate, value: 0.767, low: 0.758, high: 0.776 },
          log_loss: { ...estimate, value: 0.44, low: 0.431, high: 0.449 },
        },
        importance: Array.from({ length: 14 }, (_, index) => ({
          feature: `origin_delays.mean_delay_${index + 1}h`,
          gain: 900 / (index + 1),
        })),
      },
      gate: {
        ...{ verdict: one.gate ?? 'pass', sentence: one.gateSentence ?? '' },
        holdout: { from: one.createdAt - 30 * DAY, to: one.createdAt, champion: 1, look: 2, alpha: 0.0083 },
        checks: [
          { against: 'baseline', verdict: 'pass', reason: 'surely better.', difference: { ...estimate, low: 0.001 } },
          { against: 'champion', verdict: 'pass', reason: 'surely at most .002 worse.', difference: estimate },
          {
            ...{ against: 'champion', verdict: 'insufficient', reason: 'Too few rows to tell.' },
            segment: { column: 'origin', name: 'JFK', rows: 212 },
          },
        ],
        behaviour: [
          {
            ...{ kind: 'edge_cases', verdict: 'pass', cases: 33_800 },
            sentence: 'Extreme, unseen and missing values give scores that are finite and in range.',
          },
        ],
      },
      approvals: { needed: 2, given, missing: 2 - given.length, open: ['anna', 'ben'] },
      decisions: one.state === 'rejected' ? [{ decision: 'reject', ...approval, at: one.createdAt + HOUR }] : [],
      card: card(model),
    },
  }
}

/** What a model does with its scores. */
export function card(model: string) {
  return {
    ...{ model, owner: 'data-science', intendedUse: 'Offering passengers with tight connections another flight.' },
    ...{ limits: 'Learnt from flights of 2001 within the United States.', escalation: 'operations desk' },
    sections: [
      { title: 'Score', lines: ['A probability: that a flight arrives late.', 'It is not calibrated.'] },
      {
        title: 'Decision',
        lines: ["score above 0.5: 'rebook' (likely_late: It is likely to be late.)", "else: 'keep'"],
      },
      { title: 'Edge cases', lines: ['The answer would come too late: keep.'] },
    ],
  }
}

function acts({ now, models }: Fleet, query: URLSearchParams): ActPage {
  const digest = `sha256:${'8'.repeat(64)}`
  const approved = { ...{ before: { state: 'candidate' }, after: { state: 'approved', approvals: 1 } }, digest }
  const newest: ActPage['acts'] = [
    {
      ...{ sequence: 812, at: now - DAY, by: 'grace', action: 'version.approve', target: 'late_flight/7' },
      ...{ reason: approval.reason, ...approved },
    },
    { sequence: 811, at: now - 2 * DAY, by: 'scheduler', action: 'version.register', target: 'late_flight/7', digest },
    {
      ...{ sequence: 810, at: now - 2 * DAY, by: 'grace', action: 'alert.acknowledge', target: 'alert-003', digest },
      ...{ before: { acknowledgedBy: null }, after: { acknowledgedBy: 'grace' } },
    },
    {
      ...{ sequence: 809, at: now - 3 * DAY, by: 'ben', action: 'source.backfill', target: 'flights', digest },
      after: { from: now - 40 * DAY, to: now - 10 * DAY },
    },
    { sequence: 808, at: now - 3 * DAY, by: 'scheduler', action: 'version.register', target: 'late_flight/8', digest },
  ]
  const older = Array.from({ length: 50 }, (_, index): ActPage['acts'][number] => ({
    ...{ sequence: 807 - index, at: now - (4 + index) * DAY, by: index % 3 === 0 ? 'ada' : 'scheduler', digest },
    ...{
      action: index % 3 === 0 ? 'model.rollback' : 'run.finish',
      target: index % 3 === 0 ? 'late_flight' : `run-${60 - index}`,
    },
    ...(index % 3 === 0
      ? { reason: 'late on Mondays', before: { version: 6 }, after: { version: 5 } }
      : { after: { status: 'succeeded' } }),
  }))
  const [target, by, search] = ['target', 'by', 'search'].map((name) => query.get(name))
  const matching = [...newest, ...older].filter(
    (one) =>
      models.length > 0 &&
      one.target === (target ?? one.target) &&
      one.by === (by ?? one.by) &&
      one.at >= Number(query.get('from') ?? 0) &&
      one.at < Number(query.get('to') ?? Number.POSITIVE_INFINITY) &&
      `${one.action} ${one.target} ${one.by} ${one.reason}`.includes(search ?? ''),
  )
  return paged(matching, query, (found, next) => ({ acts: found, next }))
}

const areaOf = (value: number) => ({
  value,
  standardError: 0.01,
  low: value - 0.02,
  high: value + 0.02,
  confidence: 0.95,
})

/** How well three classes are told from each other; of the last none came. */
const ofClasses = {
  classes: [
    { name: 'on_time', rows: 700, precision: 0.91, recall: 0.94, auc: areaOf(0.9137), calibrationError: 0.012 },
    { name: 'delayed', rows: 300, precision: 0.82, recall: 0.61, auc: areaOf(0.8814), calibrationError: 0.031 },
    { name: 'cancelled_for_weather_elsewhere', rows: 0 },
  ],
  confusion: [
    [658, 40, 2],
    [112, 183, 5],
    [0, 0, 0],
  ],
  calibrationError: 0.021,
}

/** One page of a list, by a cursor that is the offset of the next. */
export function paged<T, P>(
  all: readonly T[],
  query: URLSearchParams,
  page: (items: T[], next: string | null) => P,
): P {
  const [offset, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit') ?? 100)]
  return page(all.slice(offset, offset + limit), offset + limit < all.length ? String(offset + limit) : null)
}
