import { expect, test } from 'vitest'
import { digestOf } from '../../core/digest.ts'
import { seededRandom } from '../../core/random.ts'
import { DAY, HOUR, MINUTE, parseTime } from '../../core/time.ts'
import type { RetrainDefinition } from '../../language/define/retrain-definition.ts'
import { budgetLeft, decideRetraining, type RetrainingFacts, wantsLabels } from './decide-retraining.ts'
import { nothingRemembered, type RetrainingMemory, rememberEnd } from './retraining-memory.ts'
import type { OpenAlert } from './triggers.ts'

const START = parseTime('2025-03-03T00:00:00Z')
const pipeline = digestOf('pipeline')

function factsAt(now: number, changes: Partial<RetrainingFacts> = {}): RetrainingFacts {
  return { now, alerts: [], champion: 1, labels: 0, pipeline, root: digestOf(`data of ${now}`), ...changes }
}

function driftAlert(id: string, since: number, psi = 0.3): OpenAlert {
  return { id, kind: 'data_drift', since, features: [{ feature: 'amount', psi }] }
}

/** A model with its memory, whose runs end at once unless told. */
function modelOf(policy: RetrainDefinition) {
  let memory: RetrainingMemory = nothingRemembered
  return {
    decide(facts: RetrainingFacts, end: 'done' | 'failed' | 'never' = 'done') {
      const decided = decideRetraining(policy, memory, facts)
      memory = decided.memory
      if (decided.decision.kind === 'run' && end !== 'never') memory = rememberEnd(memory, decided.decision.key, end)
      return decided.decision.kind === 'run' ? decided.decision.trigger : decided.decision.why
    },
    left: (now: number) => budgetLeft(policy, memory, now),
    get memory() {
      return memory
    },
  }
}

test('a schedule is due once at each of its moments, and what was missed in a month is one run', () => {
  const model = modelOf({ approval: 'ask', schedule: '0 4 * * *', zone: 'America/Chicago' })
  expect(model.decide(factsAt(START))).toBe('nothing')
  expect(model.decide(factsAt(START + 10 * HOUR - 1))).toBe('nothing')
  expect(model.decide(factsAt(START + 10 * HOUR))).toBe('schedule')
  expect(model.decide(factsAt(START + 10 * HOUR))).toBe('nothing')
  expect(model.decide(factsAt(START + 31 * DAY))).toBe('schedule')
  expect(model.memory.runs.at(-1)!.window).toBe('schedule 2025-04-02T09:00:00Z')
  expect(model.decide(factsAt(START + 31 * DAY + MINUTE))).toBe('nothing')
})

test('an alert must stay open for its time, and leads to one run until it was away', () => {
  const model = modelOf({ approval: 'ask', onDrift: { for: HOUR, psi: 0.25, features: ['amount'] } })
  const alerts = [driftAlert('alert-1', START)]
  expect(model.decide(factsAt(START + HOUR - 1, { alerts }))).toBe('nothing')
  expect(model.decide(factsAt(START + HOUR, { alerts: [driftAlert('alert-1', START, 0.2)] }))).toBe('nothing')
  expect(model.decide(factsAt(START + 2 * HOUR, { alerts: [] }))).toBe('nothing')
  expect(model.decide(factsAt(START + 3 * HOUR, { alerts }))).toBe('drift')
  for (let hour = 4; hour < 100; hour += 1)
    expect(model.decide(factsAt(START + hour * HOUR, { alerts, labels: hour }))).toBe('nothing')
  expect(model.decide(factsAt(START + 100 * HOUR))).toBe('nothing')
  const again = [driftAlert('alert-2', START + 101 * HOUR)]
  expect(model.decide(factsAt(START + 102 * HOUR, { alerts: again }))).toBe('drift')
})

test('a thousand duplicate triggers make one run, also while it is under way and after it has ended', () => {
  const model = modelOf({ approval: 'ask', onDrift: { for: 0 }, onPerformance: { for: 0 }, schedule: '0 4 * * *' })
  model.decide(factsAt(START))
  const at = START + 4 * HOUR
  const seen = new Map<string, number>()
  for (let number = 0; number < 1000; number += 1) {
    const alerts: OpenAlert[] = [
      driftAlert('alert-1', at),
      { id: 'alert-2', kind: 'performance_drop', since: at, shortfall: 0.1 },
    ]
    const decided = model.decide(factsAt(at + number, { alerts, root: digestOf('data') }), 'never')
    seen.set(decided, (seen.get(decided) ?? 0) + 1)
  }
  expect(Object.fromEntries(seen)).toEqual({ performance: 1, nothing: 999 })
  expect(model.memory.runs).toHaveLength(1)
})

test('a run waits for the cooldown, the budget, enough labels, other data and the one before it', () => {
  const policy: RetrainDefinition = {
    ...{ approval: 'ask', schedule: '0 * * * *', cooldown: 3 * HOUR, minimumNewLabels: 100 },
    budget: { runs: 2, per: DAY },
  }
  const model = modelOf(policy)
  model.decide(factsAt(START))
  expect(model.decide(factsAt(START + HOUR, { labels: 99 }))).toBe('few_labels')
  expect(model.decide(factsAt(START + 2 * HOUR, { labels: 100, root: digestOf('a') }))).toBe('schedule')
  expect(model.decide(factsAt(START + 4 * HOUR, { labels: 900 }))).toBe('cooldown')
  expect(model.left(START + 5 * HOUR)).toBe(1)
  expect(model.decide(factsAt(START + 5 * HOUR, { labels: 199 }))).toBe('few_labels')
  expect(model.decide(factsAt(START + 6 * HOUR, { labels: 300, root: digestOf('a') }))).toBe('same_data')
  expect(model.decide(factsAt(START + 7 * HOUR, { labels: 300 }), 'never')).toBe('schedule')
  expect(model.decide(factsAt(START + 23 * HOUR, { labels: 900 }))).toBe('under_way')
  expect(model.decide(factsAt(START + 23 * HOUR, { labels: 900, isAsked: true }))).toBe('under_way')
  const other = modelOf({ ...policy, cooldown: 0, minimumNewLabels: 1 })
  other.decide(factsAt(START))
  const decided = [1, 2, 3, 24, 25, 26].map((hour) => other.decide(factsAt(START + hour * HOUR, { labels: hour * 10 })))
  expect(decided).toEqual(['schedule', 'schedule', 'budget', 'budget', 'schedule', 'schedule'])
  expect(other.decide(factsAt(START + 26.5 * HOUR, { isAsked: true }))).toBe('asked')
})

test('labels are counted from the last run on, whatever serves, and a failed run is not tried with every new row', () => {
  const model = modelOf({ approval: 'ask', onNewLabels: 50 })
  expect(model.decide(factsAt(START, { labels: 49 }))).toBe('nothing')
  expect(model.decide(factsAt(START + 1, { labels: 60 }), 'failed')).toBe('labels')
  expect(model.decide(factsAt(START + 2, { labels: 61 }))).toBe('nothing')
  expect(model.decide(factsAt(START + 3, { labels: 110 }))).toBe('labels')
  expect(model.decide(factsAt(START + 4, { labels: 70, champion: 2 }))).toBe('labels')
  expect(model.decide(factsAt(START + 5, { labels: 170, champion: 1 }))).toBe('labels')
})

test('a step takes its interval and its labels, and no bad batch', () => {
  const guard = { shift: 0.5, drop: 0.2 }
  const continuous = { every: HOUR, labels: 10, guard, canary: { margin: 0.02, within: DAY } }
  const model = modelOf({ approval: 'auto', continuous })
  expect(model.decide(factsAt(START, { labels: 9 }))).toBe('nothing')
  expect(model.decide(factsAt(START, { labels: 10, badBatch: 'Its outcomes are others.' }))).toBe('bad_batch')
  expect(model.decide(factsAt(START, { labels: 10 }))).toBe('step')
  expect(model.decide(factsAt(START + HOUR - 1, { labels: 30 }))).toBe('nothing')
  expect(model.decide(factsAt(START + HOUR, { labels: 30, isProving: true }))).toBe('proving')
  expect(model.decide(factsAt(START + HOUR, { labels: 30 }))).toBe('step')
  expect(model.decide(factsAt(START + HOUR + 1, { labels: 99, badBatch: 'So it is.', isAsked: true }))).toBe('asked')
})

test('who asks again after a run that failed gets another run, however many there have been', () => {
  const model = modelOf({ approval: 'ask' })
  const keys = new Set<string>()
  for (let time = 0; time < 60; time += 1) {
    const facts = factsAt(START + time * HOUR, { isAsked: true, root: digestOf('the same data') })
    expect(model.decide(facts, 'failed')).toBe('asked')
    keys.add(model.memory.runs.at(-1)!.key)
  }
  expect(keys.size).toBe(60)
})

test('a clock that goes back shuts out no trigger and repeats none', () => {
  const model = modelOf({ approval: 'ask', schedule: '0 4 * * *', cooldown: DAY })
  model.decide(factsAt(START))
  expect(model.decide(factsAt(START + 400 * DAY))).toBe('schedule')
  expect(model.decide(factsAt(START + HOUR))).toBe('nothing')
  expect(model.decide(factsAt(START + 4 * HOUR))).toBe('cooldown')
  expect(model.decide(factsAt(START + DAY + 4 * HOUR))).toBe('schedule')
  expect(model.decide(factsAt(START + DAY + 3 * HOUR))).toBe('nothing')
  const free = modelOf({ approval: 'ask', schedule: '0 4 * * *' })
  free.decide(factsAt(START))
  expect(free.decide(factsAt(START + 4 * HOUR))).toBe('schedule')
  expect(free.decide(factsAt(START + 3 * HOUR))).toBe('nothing')
  expect(free.decide(factsAt(START + 4 * HOUR))).toBe('taken')
})

test('over random facts no run comes within the cooldown, above the budget, with too few labels or beside another', () => {
  for (let seed = 1; seed <= 24; seed += 1) {
    const random = seededRandom(seed)
    const policy: RetrainDefinition = {
      ...{ approval: 'ask', cooldown: random.integer(12) * HOUR },
      // To find the moments of a schedule takes most of the time.
      ...(seed % 6 === 0 ? { schedule: `0 */${1 + random.integer(6)} * * *` } : {}),
      ...{ minimumNewLabels: 1 + random.integer(50), onNewLabels: 30 + random.integer(50) },
      ...{ onDrift: { for: random.integer(3) * HOUR }, onPerformance: { for: random.integer(3) * HOUR } },
      budget: { runs: 1 + random.integer(3), per: (6 + random.integer(48)) * HOUR },
    }
    let memory: RetrainingMemory = nothingRemembered
    /** Time that has really passed: a clock that goes back gives none. */
    let passed = 0
    let now = START
    let labels = 0
    let champion = 1
    let counted = { champion: 1, labels: 0 }
    let going: { key: ReturnType<typeof digestOf>; labels: number } | undefined
    const runs: number[] = []
    const keys = new Set<string>()
    const alerts: OpenAlert[] = []
    for (let turn = 0; turn < 200; turn += 1) {
      const step = random.integer(25) === 0 ? -random.integer(48) * HOUR : random.integer(4 * 60) * MINUTE
      now += step
      passed += Math.max(0, step)
      labels += random.integer(12)
      if (random.integer(6) === 0) alerts.push({ ...driftAlert(`alert-${turn}`, now) })
      if (random.integer(4) === 0) alerts.shift()
      if (going !== undefined && random.integer(2) === 0) {
        const end = random.integer(4) === 0 ? 'failed' : 'done'
        memory = rememberEnd(memory, going.key, end)
        if (end === 'done') counted = { champion, labels: going.labels }
        going = undefined
      }
      if (going === undefined && random.integer(20) === 0) {
        champion += 1
        labels = 0
      }
      const facts = factsAt(now, {
        alerts: alerts.slice(0, 1),
        labels,
        champion,
        root: digestOf(`${turn >> 1} ${champion}`),
      })
      const worthwhile = wantsLabels(policy, memory, facts)
      const decided = decideRetraining(policy, memory, facts)
      memory = decided.memory
      if (decided.decision.kind === 'wait') continue
      const { key } = decided.decision
      expect(worthwhile, 'labels were not to be counted').toBe(true)
      expect(going, 'two runs at once').toBeUndefined()
      expect(keys.has(key), 'the same run twice').toBe(false)
      expect(passed - (runs.at(-1) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(policy.cooldown!)
      expect(runs.filter((at) => passed - at < policy.budget!.per).length).toBeLessThan(policy.budget!.runs)
      const fresh = counted.champion === champion ? labels - counted.labels : labels
      expect(fresh).toBeGreaterThanOrEqual(policy.minimumNewLabels!)
      runs.push(passed)
      keys.add(key)
      going = { key, labels }
    }
    expect(runs.length, `seed ${seed}`).toBeGreaterThan(0)
    expect(memory.runs.length).toBeLessThan(80)
  }
})
