import type { Clock } from '../../core/clock.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../core/time.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'
import { objectivesOfSlo } from '../../language/define/slo-definition.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { AlertDesk } from './alert-desk.ts'
import { listAlerts } from './alert-store.ts'
import type { Wording } from './alert-wording.ts'
import { type BurnFinding, judgeBurn, type ObjectiveState, stateOfObjective } from './burn-rates.ts'
import { Conditions } from './conditions.ts'
import { ObjectiveMeter } from './objective-meter.ts'
import { readMinutes, saveMinutes } from './objective-store.ts'
import { durationWords, millisecondWords, percentWords } from './words.ts'

/** Watches what a model promises: counts its answers over the window of the promise, and alerts while its budget burns. */
export interface ObjectiveMonitor {
  /**
   * Counts an answer, or one that was not given by our fault.
   * @param latency microseconds; ignored of a fault
   */
  add(at: number, latency: number, fault: boolean): void
  /** When `advance` has something to do next, microseconds; infinity when nothing was counted lately. */
  readonly due: number
  /** Judges the minutes that are over at `now`, alerts, and keeps what was counted. */
  advance(now: number): Promise<void>
  state(now: number): readonly ObjectiveState[]
  /** Whether the page about budgets that burn fast is open, and is about this objective. */
  isPaged(objective: string): boolean
  /** Keeps what is not kept yet. */
  close(): Promise<void>
}

/** The shortest window that is counted: rules look back three days. */
const SHORTEST = 3 * DAY
const kinds = { page: 'budget_burning_fast', ticket: 'budget_burning' } as const

/**
 * A monitor that goes on where the one before a restart stopped; undefined for a model that promises nothing.
 * @param lost requests that never came to the model, since the start of the process; read at each call
 */
export async function createObjectiveMonitor(
  { name: model, serve }: ModelDefinition,
  { metadata, desk, clock, lost }: { metadata: Metadata; desk: AlertDesk; clock: Clock; lost: () => number },
): Promise<ObjectiveMonitor | undefined> {
  const objectives = objectivesOfSlo(serve.slo)
  const [first] = objectives
  if (first === undefined) return undefined
  const window = Math.max(SHORTEST, first.window)
  const meter = new ObjectiveMeter(window, serve.slo?.p99)
  for (const minute of await readMinutes(metadata, model, clock.now() - window)) meter.count(minute)
  const conditions = new Conditions(model, desk)
  for (const { kind, openedAt, evidence } of (await listAlerts(metadata, { model, state: 'open' })).items)
    if (kind === kinds.page || kind === kinds.ticket)
      conditions.restore({ kind, feature: undefined, since: (evidence as { since?: number }).since ?? openedAt })
  let paged: readonly string[] = []
  let told = lost()
  let judged = Math.floor(clock.now() / MINUTE)
  let savedFrom = judged
  let savedAt = clock.elapsed()
  let running: Promise<void> | undefined

  function takeLost(now: number): void {
    for (const all = lost(); told < all; told += 1) meter.add(now, 0, true)
  }

  async function judge(now: number): Promise<void> {
    for (const severity of ['page', 'ticket'] as const) {
      const found = objectives.map((objective) => judgeBurn(objective, meter, severity))
      const bad = found.flatMap(({ worst }) => (worst === undefined ? [] : [worst]))
      const verdict = bad.length > 0 ? 'bad' : found.some((one) => one.verdict === 'unknown') ? 'unknown' : 'good'
      const describe = (since: number) => wording(model, bad, stateOf(now), since)
      await conditions.take({ kind: kinds[severity], verdict, from: now, describe })?.()
      if (severity === 'ticket') continue
      const isOpen = conditions.open().some(({ kind }) => kind === kinds.page)
      if (!isOpen) paged = []
      else if (bad.length > 0) paged = bad.map(({ objective }) => objective.name)
    }
  }

  async function save(now: number): Promise<void> {
    // Whole hours, since each is kept in place of what was kept of it.
    const from = Math.floor((savedFrom * MINUTE) / HOUR) * (HOUR / MINUTE)
    const minutes = meter.minutesFrom(from)
    if (minutes.length > 0) await saveMinutes(metadata, model, minutes, now - window)
    savedFrom = Math.floor(now / MINUTE)
    savedAt = clock.elapsed()
  }

  function stateOf(now: number): ObjectiveState[] {
    return objectives.map((objective) => stateOfObjective(objective, meter, now))
  }

  async function work(now: number): Promise<void> {
    takeLost(now)
    const minute = Math.floor(now / MINUTE)
    if (minute <= judged) return
    judged = minute
    meter.moveTo(now)
    await judge(now)
    // On a virtual clock many minutes pass in a second.
    if (clock.elapsed() - savedAt >= SECOND) await save(now)
  }

  return {
    add: (at, latency, fault) => meter.add(at, latency, fault),
    get due() {
      if (lost() > told) return 0
      return clock.now() - meter.last < SHORTEST ? (judged + 1) * MINUTE : Number.POSITIVE_INFINITY
    },
    async advance(now) {
      running ??= work(now).finally(() => {
        running = undefined
      })
      await running
    },
    isPaged: (objective) => paged.includes(objective),
    state(now) {
      meter.moveTo(now)
      return stateOf(now)
    },
    async close() {
      await running
      takeLost(clock.now())
      await save(clock.now())
    },
  }
}

/** @param found objectives whose budget burns, at least one */
function wording(
  model: string,
  found: readonly BurnFinding[],
  states: readonly ObjectiveState[],
  since: number,
): Wording {
  const sentences = found.map(({ objective: { name, target, bound, window }, long }) => {
    // A request may have many rows, each of which has an answer: latency is promised of these.
    const what =
      bound === undefined
        ? `requests over ${durationWords(long.over)} got no answer by our fault`
        : `answers over ${durationWords(long.over)} took longer than ${millisecondWords(bound / 1000)}`
    const left = states.find((state) => state.name === name)?.left ?? 0
    return `${percentWords(long.bad / long.answers)} of ${what}, ${long.rate.toFixed(1)} times what the ${percentWords(target)} objective allows; ${percentWords(Math.max(0, left))} of the budget of ${durationWords(window)} is left`
  })
  return {
    title: `${model}: ${sentences.join('; ')}.`,
    evidence: {
      since,
      objectives: found.map(({ objective, long, short, threshold }) => ({
        objective: objective.name,
        threshold,
        long,
        short,
      })),
    },
    effect: { left: states.map(({ name, left }) => ({ objective: name, left })) },
    n: Math.max(...found.map(({ long }) => long.answers)),
  }
}
