import { type Random, seededRandom } from '../../src/core/random.ts'
import type { StreamDefinition } from '../../src/language/define/definitions.ts'
import { generateCase } from './generate.ts'
import type { LawCase } from './law-case.ts'
import type { LawEvent } from './oracle.ts'

/** What a process does with a log, step by step, until it is killed. */
export interface RestartCase {
  readonly lawCase: LawCase
  /** The case's stream with a column for the event's id. */
  readonly stream: StreamDefinition
  readonly steps: readonly RestartStep[]
  /** The events that end up accepted, whatever happens in between. */
  readonly accepted: readonly LawEvent[]
}

/** `at` is the clock, which never falls. */
export type RestartStep =
  | { readonly kind: 'ingest' | 'import'; readonly at: number; readonly events: readonly LawEvent[] }
  | { readonly kind: 'flush' | 'predict' | 'save'; readonly at: number }

/** The case of a seed: the killed process and the one that judges it make the same one. */
export function restartCase(seed: number): RestartCase {
  const random = seededRandom(seed)
  const generated = generateCase(random)
  // A deletion has a revision above that of what it deletes.
  const lawCase = {
    ...generated,
    events: generated.events.map((event) => ({ ...event, tombstone: event.tombstone && event.revision > 0 })),
  }
  const { schema, ahead, ...rest } = lawCase.stream
  // Mostly long enough that few events come too late: lost ones would not be missed among them.
  const corrections = random.integer(4) === 0 ? rest.corrections : { within: 20 * ahead }
  const stream = {
    ...rest,
    ahead,
    corrections,
    schema: { ...schema, event: { type: 'string' } as const },
    id: ['event'],
  }
  const steps = generateSteps(random, lawCase)
  return { lawCase, stream, steps, accepted: acceptedOf(steps, ahead, corrections.within) }
}

/** What the rules of docs/semantics.md, "Events and the log", accept, said as plainly as possible. */
function acceptedOf(steps: readonly RestartStep[], ahead: number, within: number): readonly LawEvent[] {
  const accepted: LawEvent[] = []
  const repeats = (rows: readonly LawEvent[], { id, revision }: LawEvent) =>
    rows.some((row) => row.id === id && row.revision === revision)
  for (const step of steps) {
    if (step.kind === 'ingest')
      for (const event of step.events) {
        const age = step.at - event.eventTime
        const inTime = -age <= ahead && age <= within
        if (inTime && !repeats(lastLife(accepted, event.id, step.at, within), event))
          accepted.push({ ...event, knownAt: step.at })
      }
    // History is known at its event time, and looked through as a whole.
    if (step.kind === 'import')
      for (const event of step.events.toSorted((a, b) => a.eventTime - b.eventTime))
        if (event.eventTime <= step.at && !repeats(accepted, event))
          accepted.push({ ...event, knownAt: event.eventTime })
  }
  return accepted
}

/** The rows of the event that an id stands for when a row of it becomes known; none when the one before is over. */
function lastLife(rows: readonly LawEvent[], id: string, knownAt: number, within: number): readonly LawEvent[] {
  const lives = withLives([...rows.filter((row) => row.id === id), { id, knownAt, eventTime: 0 } as LawEvent], within)
  const last = lives.at(-1)?.id
  return lives.slice(0, -1).flatMap((row) => (row.id === last ? [{ ...row, id }] : []))
}

/** The rows of a log with ids that tell one event from another that an id was used for again, when it was over. */
export function withLives(rows: readonly LawEvent[], within: number): readonly LawEvent[] {
  const latest = new Map<string, number>()
  const lives = new Map<string, number>()
  return rows.map((row) => {
    const { id, knownAt, eventTime } = row
    if (knownAt > (latest.get(id) ?? Number.POSITIVE_INFINITY) + within) lives.set(id, (lives.get(id) ?? 0) + 1)
    latest.set(id, Math.max(latest.get(id) ?? Number.NEGATIVE_INFINITY, eventTime))
    // What follows an id in the order of bytes still follows it.
    return { ...row, id: `${id}\0${lives.get(id) ?? 0}` }
  })
}

/** The row of an event. Its money is in cents; a row has it as a text. A deletion says no more than it must. */
export function rowOf({ id, revision, tombstone, entity, eventTime, values }: LawEvent): Record<string, unknown> {
  if (tombstone) return { key: entity, at: eventTime, event: id, _revision: revision, _tombstone: true }
  const cents = values['money'] as number | null
  const digits = String(Math.abs(cents ?? 0)).padStart(3, '0')
  const money = cents === null ? null : `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
  return { ...values, money, key: entity, event: id, ...(revision === 0 ? {} : { _revision: revision }) }
}

function generateSteps(random: Random, { events }: LawCase): RestartStep[] {
  const steps: RestartStep[] = []
  let batch: LawEvent[] = []
  let history: LawEvent[] = []
  for (const [index, event] of events.entries()) {
    const at = event.knownAt
    if (random.integer(6) === 0) history.push(event)
    else batch.push(event)
    // Producers deliver again what they are not sure of.
    if (random.integer(5) === 0)
      batch.push(...events.slice(random.integer(index + 1), index + 1).filter(({ id }) => isIn(steps, id)))
    if (random.integer(3) === 0) {
      steps.push({ kind: 'ingest', at, events: batch })
      batch = []
    }
    if (random.integer(20) === 0) {
      steps.push({ kind: 'import', at, events: history })
      history = []
    }
    if (random.integer(8) === 0) steps.push({ kind: 'flush', at })
    if (random.integer(8) === 0) steps.push({ kind: 'save', at })
    if (random.integer(4) === 0) steps.push({ kind: 'predict', at })
  }
  const at = events.at(-1)?.knownAt ?? 0
  return [
    ...steps,
    { kind: 'ingest', at, events: batch },
    { kind: 'import', at, events: history },
    { kind: 'predict', at },
  ]
}

function isIn(steps: readonly RestartStep[], id: string): boolean {
  return steps.some((step) => step.kind === 'ingest' && step.events.some((event) => event.id === id))
}
