import type { Fleet, RetrainingHistory, RetrainingStatus } from '../../src/platform/api/contract.ts'
import { DAY, HOUR } from './fixture-data.ts'

type Decision = RetrainingHistory['decisions'][number]

const DIGEST = `sha256:${'5'.repeat(64)}`

/** How the retraining of each model stands: one that waits for a decision, one by hand alone, one in small steps. */
export function retrainingStatus({ models, now }: Fleet): readonly RetrainingStatus[] {
  return models.map(({ name, version }): RetrainingStatus => {
    const resting = {
      ...{ model: name, serving: version ?? null, isUnderWay: false, labels: null, restsUntil: null },
      ...{ budgetLeft: null, canary: null, waiting: null, held: null, last: null },
    }
    if (name === 'missed_connection') return { ...resting, policy: { approval: 'ask' }, triggers: [] }
    if (name === 'turnaround_minutes')
      return {
        ...resting,
        policy: {
          approval: 'auto',
          continuous: {
            ...{ every: HOUR, labels: 500 },
            guard: { shift: 0.5, drop: 0.2 },
            canary: { margin: 0.02, within: 7 * DAY },
          },
        },
        triggers: [{ trigger: 'step', sentence: '500 labels must be new; 212 are, and a step may come now.' }],
        labels: { count: 212, at: now - 600_000_000 },
        canary: { decision: 31, version: 3, previous: 2, since: now - 2 * DAY, until: now + 6 * DAY },
        held: {
          at: now - 3 * HOUR,
          sentence: `${name} learns nothing from its new rows: the mean outcome of 812 new rows is 61.2 (58.9 to 63.5), that of the training rows 42.1.`,
        },
      }
    return {
      ...resting,
      policy: {
        ...{ schedule: '0 4 * * 1', zone: 'America/Chicago', cooldown: DAY, minimumNewLabels: 1000, approval: 'auto' },
        onDrift: { features: ['mean_delay_7d'], psi: 0.25, for: HOUR },
        ...{ onNewLabels: 50_000, budget: { runs: 4, per: 7 * DAY }, margins: { metric: 0.05 } },
      },
      triggers: [
        {
          ...{ trigger: 'schedule', at: now + 30 * HOUR },
          sentence: '0 4 * * 1 (America/Chicago) is due at 2001-07-02T09:00:00Z.',
        },
        { trigger: 'drift', sentence: 'alert-002 has led to a training, and counts again after it was resolved.' },
        { trigger: 'labels', sentence: '50000 labels must be new; 18204 are.' },
      ],
      labels: { count: 18_204, at: now - 600_000_000 },
      ...{ restsUntil: now + 9 * HOUR, budgetLeft: 1 },
      waiting: {
        ...{ version: 8, at: now - 5 * HOUR },
        sentence: `${name} v8 waits for a decision: its auc is .081 above what serves, more than .05.`,
      },
    }
  })
}

const reasons: readonly (readonly [why: string, sentence: string])[] = [
  ['cooldown', 'It rests for 1d after the training of 2001-06-28T04:00:00Z, until 2001-06-29T04:00:00Z.'],
  ['budget', '4 trainings within 7d are its budget; the next may begin at 2001-06-30T09:00:00Z.'],
  ['few_labels', '612 labels are new; it takes 1000.'],
  ['bad_batch', 'The new rows are not learnt from: the checks of arrivals failed (verdict-812).'],
]

/** Forty-five decisions, newest first: each third one a training, with every end that there is. */
function decisionsOf({ models, now }: Fleet): Decision[] {
  return Array.from({ length: models.length === 0 ? 0 : 45 }, (_, index): Decision => {
    const number = 45 - index
    const at = now - (index + 1) * 9 * HOUR
    const model = models[index % models.length]!.name
    const told = {
      number,
      model,
      at,
      window: `window ${number}`,
      labels: 1200 + index * 977,
      by: 'trueline:retraining',
    }
    const [why, sentence] = reasons[index % reasons.length]!
    if (number % 3 !== 0) return { ...told, kind: 'wait', trigger: 'schedule', why, sentence, outcomes: [] }
    const version = Math.ceil(number / 6)
    const run = { version, run: `run-${number}` }
    const gate = 'auc against champion: Better by 0.0065 (by -0.00097 to 0.0134): surely at most 0.002 worse.'
    const ends: readonly Decision['outcomes'][] = [
      [],
      [{ at, outcome: 'asks', ...run, sentence: 'its auc is .081 above what serves, more than .05.' }],
      [
        { at, outcome: 'promoted', ...run, sentence: gate },
        {
          at: at + 2 * DAY,
          outcome: 'reverted',
          version,
          sentence: `v${version} is worse than v${version - 1} on what it was asked. Worse by 0.061 (by 0.031 to 0.094): surely not at most 0.02 worse.`,
        },
      ],
      [{ at, outcome: 'refused', ...run, sentence: gate.replace('surely', 'not surely') }],
      [{ at, outcome: 'failed', sentence: 'The training process used more than its 4 GB of memory.' }],
    ]
    return {
      ...{ ...told, kind: 'run', trigger: number % 2 === 0 ? 'drift' : 'step', key: DIGEST },
      sentence: 'Its inputs have drifted since 2001-06-28T03:00:00Z (alert-002).',
      outcomes: ends[(index / 3) % ends.length] ?? ends[1]!,
    }
  })
}

/** One page of the decisions, as the platform cuts it. */
export function retrainingHistory(fleet: Fleet, query: URLSearchParams): RetrainingHistory {
  const matching = decisionsOf(fleet).filter(
    ({ model, kind }) => model === (query.get('model') ?? model) && (query.get('runs') !== 'true' || kind === 'run'),
  )
  const [offset, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit') ?? 100)]
  const next = offset + limit < matching.length ? String(offset + limit) : null
  return { decisions: matching.slice(offset, offset + limit), next }
}
