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
  | { readonly kind: 'flush' | 'predict'; readonly at: number }

/** The case of a seed: the killed process and the one that judges it make the same one. */
export function restartCase(seed: number): RestartCase {
  const random = seededRandom(seed)
  const generated = generateCase(random)
  const lawCase = { ...generated, events: firstRevisions(generated.events) }
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
  const accepted = new Map<string, LawEvent>()
  for (const step of steps) {
    if (step.kind === 'ingest') {
      for (const event of step.events) {
        const age = step.at - event.eventTime
        if (-age <= ahead && age <= corrections.within) accepted.set(event.id, event)
      }
    }
    // History is known at its event time.
    if (step.kind === 'import')
      for (const event of step.events) if (event.eventTime <= step.at) accepted.set(event.id, event)
  }
  return { lawCase, stream, steps, accepted: [...accepted.values()] }
}

/** The log takes no revisions yet. */
function firstRevisions(events: readonly LawEvent[]): readonly LawEvent[] {
  const seen = new Set<string>()
  return events
    .filter(({ id, tombstone }) => !tombstone && !seen.has(id) && seen.add(id))
    .map((event) => ({ ...event, revision: 0 }))
}

/** The row of an event. Its money is in cents; a row has it as a text. */
export function rowOf({ id, entity, values }: LawEvent): Record<string, unknown> {
  const cents = values['money'] as number | null
  const digits = String(Math.abs(cents ?? 0)).padStart(3, '0')
  const money = cents === null ? null : `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
  return { ...values, money, key: entity, event: id }
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
