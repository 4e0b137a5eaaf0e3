import type { Value } from '../../core/data-type.ts'
import { digestOfFeatures, digestOfTable } from '../../language/define/digest.ts'
import type { Window } from '../../language/define/window.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import type { EventBatch, EventColumn } from '../../stores/log/event-batch.ts'
import { createFeatureEngine } from './feature-engine.ts'
import type { VectorMeaning } from './recompute-vectors.ts'
import { createReferenceTables } from './reference-tables.ts'
import type { SeenEvents, SeenRows } from './seen-events.ts'
import type { VectorInput } from './vector.ts'
import { createVectorReader, type VectorBuffer } from './vector-reader.ts'

/**
 * Why a served value does not come out again:
 * - `version`: it was recorded under another digest than the one that recomputed it has now;
 * - `code`: a new live state over the same rows answers as was served, so live and replayed computation differ;
 * - `late`: it is what comes out without rows that came late, or were not taken yet;
 * - `ttl`: it is what came out earlier, before rows left the windows;
 * - `corruption`: nothing that the log has gives it: the state or the record is damaged;
 * - `unknown`: it was not looked for, or there were too many rows to look at.
 */
export const mismatchCauses = ['version', 'code', 'late', 'ttl', 'corruption', 'unknown'] as const
export type MismatchCause = (typeof mismatchCauses)[number]

/** A served vector that differs from the replayed one. */
export interface DifferingVector {
  readonly meaning: VectorMeaning
  /** The asking row as canonical JSON. */
  readonly row: string
  /** Microseconds. */
  readonly t: number
  /** The vector as it was served. */
  readonly values: ArrayLike<number>
  readonly statuses: ArrayLike<number>
  /** Places of the inputs that differ. */
  readonly differing: readonly number[]
  /** Places of the inputs whose meaning is another by now. */
  readonly changed: ReadonlySet<number>
  /** Undefined where there were too many rows to look at. */
  readonly seen: SeenEvents | undefined
}

/** Something that may have gone wrong: which rows of a stream counted then, and the time that windows slid to. */
interface Supposition {
  readonly cause: Exclude<MismatchCause, 'version' | 'corruption' | 'unknown'>
  readonly counts: (rows: SeenRows, row: number) => boolean
  readonly time: number
}

/** Rows that may be missing one by one: of those that came late, and of those that came last. */
const MOST_MISSING = 16
/** Earlier moments that are tried. */
const MOST_MOMENTS = 32

/**
 * Finds out what each differing value of a vector comes of, by making the vector again under one supposition after the
 * other. One holds for the inputs of a group or table when all of them that differ come out as they were served: a single
 * small count could do so by chance.
 * @returns the cause of each of `differing`, in its order
 */
export function causesOf(vector: DifferingVector): MismatchCause[] {
  const { meaning, differing, changed, seen } = vector
  const { inputs } = meaning.plan
  const found = new Map<number, MismatchCause>()
  for (const input of differing) if (changed.has(input)) found.set(input, 'version')
  const open = differing.filter((input) => !found.has(input))
  if (seen === undefined) return differing.map((input) => found.get(input) ?? 'unknown')
  const together = [...Map.groupBy(open, (input) => sourceName(inputs[input]!)).values()]
  for (const supposition of open.length === 0 ? [] : suppositionsOf(vector, seen)) {
    const left = together.filter(([first]) => !found.has(first!))
    if (left.length === 0) break
    const buffer = answerUnder(vector, seen, supposition)
    if (buffer === undefined) continue
    for (const group of left)
      if (group.every((input) => isServed(vector, buffer, input)))
        for (const input of group) found.set(input, supposition.cause)
  }
  return differing.map((input) => found.get(input) ?? 'corruption')
}

function sourceName({ name, source }: VectorInput): string {
  if (source.kind === 'feature') return `group ${source.group}`
  return source.kind === 'table' ? `table ${source.table}` : name
}

function isServed({ values, statuses }: DifferingVector, buffer: VectorBuffer, input: number): boolean {
  return Object.is(buffer.values[input], values[input]) && buffer.statuses[input] === statuses[input]
}

function* suppositionsOf({ meaning, t }: DifferingVector, seen: SeenEvents): Generator<Supposition> {
  const all: Supposition['counts'] = ({ superseded }, row) => superseded[row] === 0
  yield { cause: 'code', counts: all, time: t }
  const lateness = new Map([...seen.values()].map((rows) => [rows, latenessOf(rows.batch)]))
  const late = [...lateness.values()].flatMap((column) => [...column].filter((by) => by > 0)).sort((a, b) => b - a)
  const first: Supposition['counts'] = ({ batch }, row) => (batch.revisions?.revision[row] ?? 0) === 0
  const without =
    (counts: Supposition['counts'], atLeast: number): Supposition['counts'] =>
    (rows, row) =>
      counts(rows, row) && lateness.get(rows)![row]! < atLeast
  const isRevised = [...seen.values()].some(({ batch }) => batch.revisions !== undefined)
  if (isRevised) yield { cause: 'late', counts: first, time: t }
  if (isRevised && late.length > 0) yield { cause: 'late', counts: without(first, late.at(-1)!), time: t }
  const bounds = [...new Set(late)]
  for (const bound of new Set([...bounds.slice(-1), ...bounds.slice(0, MOST_MISSING)]))
    yield { cause: 'late', counts: without(all, bound), time: t }
  const offsets = [...seen.values()].flatMap(({ batch }) => [...batch.offset]).sort((a, b) => b - a)
  for (const bound of offsets.slice(0, MOST_MISSING))
    yield { cause: 'late', counts: (rows, row) => all(rows, row) && rows.batch.offset[row]! < bound, time: t }
  for (const time of earlierMoments(meaning, t, seen)) yield { cause: 'ttl', counts: all, time }
}

/** By how much each row lies before one that came earlier, microseconds; 0 for one that came in order. */
function latenessOf({ eventTime }: EventBatch): Float64Array {
  let newest = Number.NEGATIVE_INFINITY
  return eventTime.map((time) => {
    newest = Math.max(newest, time)
    return newest - time
  })
}

/** Moments before t at which another answer may have come out: at the last rows, and just before rows leave a window. */
function earlierMoments({ plan }: VectorMeaning, t: number, seen: SeenEvents): number[] {
  const times = [...seen.values()].flatMap(({ batch }) => [...batch.eventTime]).filter((time) => time < t)
  const newest = Math.max(...times)
  const lengths = new Set(
    plan.groups.flatMap(({ definition }) => Object.values(definition.select).map(({ window }) => lengthOf(window))),
  )
  const leaving = times.flatMap((time) => [...lengths].map((length) => time + length))
  const moments = leaving.filter((moment) => moment > newest && moment < t)
  const arrivals = times.map((time) => time + 1).filter((moment) => moment < t)
  const latestFirst = (some: readonly number[]) => [...new Set(some)].sort((a, b) => b - a)
  return [newest + 1, ...latestFirst(moments).slice(0, MOST_MOMENTS), ...latestFirst(arrivals).slice(0, MOST_MOMENTS)]
}

/** How long a row is in a window; 0 where that depends on other rows or on the calendar. */
function lengthOf(window: Window): number {
  return window.kind === 'exact' || window.kind === 'hop' ? window.length + (window.delay ?? 0) : 0
}

/** The vector from a new live state; undefined where that cannot answer. */
function answerUnder(
  { meaning, row }: DifferingVector,
  seen: SeenEvents,
  { counts, time }: Supposition,
): VectorBuffer | undefined {
  const { plan, project, schema } = meaning
  const dictionary = createDictionary()
  const groups = plan.groups.map(({ definition }) => ({
    digest: digestOfFeatures(definition, project),
    definition,
    stream: project.streams[definition.from]!,
    entity: project.entities[definition.entity]!,
  }))
  const referenced = plan.tables.map(({ definition }) => ({
    digest: digestOfTable(definition, project),
    definition,
    stream: project.streams[definition.name]!,
  }))
  const engine = createFeatureEngine(groups, dictionary)
  const tables = createReferenceTables(referenced, dictionary)
  for (const rows of seen.values()) {
    const chosen: number[] = []
    for (let at = 0; at < rows.batch.length; at += 1) if (counts(rows, at)) chosen.push(at)
    const batch = rowsOf(rows.batch, chosen)
    engine.apply(batch)
    tables.apply(batch)
  }
  const digests = [...groups, ...referenced].map(({ digest }) => digest)
  const reader = createVectorReader(plan, digests, schema, { engine, tables })
  const given = JSON.parse(row) as Record<string, Value>
  const values = Object.keys(schema).map((name) => given[name] ?? null)
  return reader.read(values, time) ? reader.buffer : undefined
}

/** Some rows of a batch, each as an event of its own. */
function rowsOf(batch: EventBatch, rows: readonly number[]): EventBatch {
  const picked = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]!)
  return {
    stream: batch.stream,
    generation: batch.generation,
    length: rows.length,
    offset: picked(batch.offset),
    partition: Uint8Array.from(rows, (row) => batch.partition[row]!),
    id: rows.map((row) => batch.id[row]!),
    eventTime: picked(batch.eventTime),
    knownAt: picked(batch.knownAt),
    columns: batch.columns.map(
      (column): EventColumn => (column instanceof Float64Array ? picked(column) : rows.map((row) => column[row]!)),
    ),
  }
}
