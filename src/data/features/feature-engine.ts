import type { DataTypeName, Value } from '../../core/data-type.ts'
import type { Digest } from '../../core/digest.ts'
import { createLiveGroup, type EntityEvent, type LiveEvent, type LiveGroup } from '../../kernel/live.ts'
import { planGroup } from '../../kernel/plan.ts'
import type { GroupState } from '../../kernel/snapshot.ts'
import type { EntityDefinition, FeaturesDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import {
  type Correction,
  type EventBatch,
  type EventColumn,
  type EventRow,
  valueAt,
} from '../../stores/log/event-batch.ts'
import { columnsRead } from './columns-read.ts'
import { createEntityKeys, type EntityKeys } from './entity-keys.ts'

/** A group of features with everything that its meaning depends on. */
export interface DefinedGroup {
  readonly digest: Digest
  readonly definition: FeaturesDefinition
  readonly stream: StreamDefinition
  readonly entity: EntityDefinition
}

/** The live state of all groups: each event goes to every group that reads its stream. */
export interface FeatureEngine {
  readonly dictionary: Dictionary
  /**
   * Applies accepted events to the groups of their stream; batches come in the order of their offsets.
   * @param before called before each row is applied, to read what the log said up to it
   */
  apply(batch: EventBatch, before?: (row: number) => void): void
  /** The state of a group by its digest; undefined for one that the engine was not made with. */
  group(digest: Digest): EngineGroup | undefined
  groups(): readonly EngineGroup[]
  /** A group that is not read yet and gets no events of its own: to be filled from the log in the shadow of the others. */
  shadow(defined: DefinedGroup): ShadowGroup
  /** Takes over what is only watched of a group, such as the freshness that it promises, from a definition of the same meaning. */
  redefine(defined: DefinedGroup): void
  /** Lets go of a group's state; nothing may read it any more. */
  drop(digest: Digest): void
  /** Lets go of what no read at or after `time` (microseconds) needs. */
  forget(time: number): void
  /** The same in steps of some microseconds each, between which anything else may happen. */
  forgetSteps(time: number): Generator<void>
}

export interface EngineGroup extends DefinedGroup {
  readonly live: LiveGroup
  /** When the newest event of the group's stream became known, of those applied; microseconds, -Infinity before any. */
  readonly knownAt: number
  readonly keyOf: EntityKeys
  /** Takes over a state, before anything was applied; see `LiveGroup.restore`. */
  restore(knownAt: number, state: GroupState, chunks: Iterable<Float64Array>): void
}

/** A group on its way into an engine. */
export interface ShadowGroup {
  readonly group: EngineGroup
  /** Applies events of its stream, in the order of their offsets; what it has already changes nothing. */
  apply(batch: EventBatch): void
  /** Keeps what the engine applies from now on until it joins: what came before must be read from the log. */
  follow(): void
  /** Lets go of what was kept since `follow`. */
  unfollow(): void
  /** From here on it is one of the engine's groups: applies what came since `follow`, and all that comes. */
  join(): void
}

interface Group extends EngineGroup {
  definition: FeaturesDefinition
  knownAt: number
}

interface Target {
  readonly group: Group
  readonly keyColumns: readonly number[]
  /** The entity's key, written anew for each event. */
  readonly key: Value[]
}

interface Route {
  readonly names: readonly string[]
  readonly types: readonly DataTypeName[]
  /** Place of the column that orders events of one time; -1 when there is none. */
  readonly sequence: number
  /** Columns that an expression of a group reads: only these are encoded, so that ids never fill the dictionary. */
  readonly read: Set<string>
  readonly targets: Target[]
}

/** An engine without state; one live group per digest. */
export function createFeatureEngine(defined: readonly DefinedGroup[], dictionary: Dictionary): FeatureEngine {
  const groups = new Map<Digest, Group>()
  for (const one of defined) if (!groups.has(one.digest)) groups.set(one.digest, createGroup(one, dictionary))
  let routes = routesOf([...groups.values()])
  /** Batches that came since each of the groups in the shadow began to follow. */
  const followers = new Map<Group, EventBatch[]>()
  return {
    dictionary,
    apply(batch, before) {
      for (const [{ stream }, batches] of followers) if (stream.name === batch.stream) batches.push(batch)
      const route = routes.get(batch.stream)
      if (route !== undefined) applyTo(route, batch, dictionary, before)
      else if (before !== undefined) for (let row = 0; row < batch.length; row += 1) before(row)
    },
    group: (digest) => groups.get(digest),
    groups: () => [...groups.values()],
    shadow(defined) {
      const group = createGroup(defined, dictionary)
      const route = routesOf([group]).get(defined.stream.name)!
      return {
        group,
        apply: (batch) => applyTo(route, batch, dictionary),
        follow: () => followers.set(group, []),
        unfollow: () => followers.delete(group),
        join() {
          for (const batch of followers.get(group) ?? []) applyTo(route, batch, dictionary)
          followers.delete(group)
          groups.set(defined.digest, group)
          routes = routesOf([...groups.values()])
        },
      }
    },
    redefine({ digest, definition }) {
      const group = groups.get(digest)
      if (group !== undefined) group.definition = definition
    },
    drop(digest) {
      groups.delete(digest)
      routes = routesOf([...groups.values()])
    },
    forget(time) {
      for (const { live } of groups.values()) live.forget(time)
    },
    *forgetSteps(time) {
      for (const { live } of groups.values()) yield* live.forgetSteps(time)
    },
  }
}

function createGroup(defined: DefinedGroup, dictionary: Dictionary): Group {
  const types = Object.values(defined.entity.key).map(({ type }) => type)
  return {
    ...defined,
    live: createLiveGroup(planGroup(defined.definition, defined.stream, dictionary)),
    knownAt: Number.NEGATIVE_INFINITY,
    keyOf: createEntityKeys(types),
    restore(knownAt, state, chunks) {
      this.knownAt = knownAt
      this.live.restore(state, chunks)
    },
  }
}

function routesOf(groups: readonly Group[]): Map<string, Route> {
  const routes = new Map<string, Route>()
  for (const group of groups) {
    const { stream, entity, definition } = group
    const names = Object.keys(stream.schema)
    const keyColumns = Object.keys(entity.key).map((column) => names.indexOf(definition.keys[column] ?? column))
    const sequence = stream.sequence === undefined ? -1 : names.indexOf(stream.sequence)
    const types = names.map((name) => stream.schema[name]!.type)
    const route = routes.get(stream.name) ?? { names, types, sequence, read: new Set<string>(), targets: [] }
    route.targets.push({ group, keyColumns, key: keyColumns.map(() => null) })
    for (const column of columnsRead(definition, stream)) route.read.add(column)
    if (stream.sequence !== undefined) route.read.add(stream.sequence)
    routes.set(stream.name, route)
  }
  return routes
}

const unread = new Float64Array(0)

function applyTo(route: Route, batch: EventBatch, dictionary: Dictionary, before?: (row: number) => void): void {
  const encoded = new Map<EventBatch, Float64Array[]>()
  const columnsOf = (one: EventBatch): Float64Array[] => {
    const columns = encoded.get(one) ?? encodeBatch(route, one, dictionary)
    encoded.set(one, columns)
    return columns
  }
  const corrections = batch.corrections ?? []
  let next = 0
  const event = emptyEvent(columnsOf(batch))
  for (let row = 0; row < batch.length; row += 1) {
    before?.(row)
    if (corrections[next]?.row === row) {
      correctAt(route, batch, corrections[next]!, columnsOf)
      next += 1
      continue
    }
    writeEvent(route, batch, row, event)
    for (const target of route.targets) {
      const entity = entityOf(route, target, batch, row)
      if (entity !== undefined) target.group.live.apply(entity, event)
    }
  }
  const known = batch.knownAt.reduce((newest, time) => Math.max(newest, time), Number.NEGATIVE_INFINITY)
  for (const { group } of route.targets) group.knownAt = Math.max(group.knownAt, known)
}

/** Takes the row that counted away from each group and puts the one that counts now in its place. */
function correctAt(
  route: Route,
  batch: EventBatch,
  { row, old, counts }: Correction,
  columnsOf: (batch: EventBatch) => readonly Float64Array[],
): void {
  const eventOf = (given: EventRow | undefined): LiveEvent | undefined => {
    if (given === undefined) return undefined
    const event = emptyEvent(columnsOf(given.batch))
    writeEvent(route, given.batch, given.row, event)
    return event
  }
  const rows = [old, counts ? { batch, row } : undefined]
  const events = rows.map(eventOf)
  for (const target of route.targets) {
    const [before, after] = rows.map((given, index): EntityEvent | undefined => {
      const entity = given === undefined ? undefined : entityOf(route, target, given.batch, given.row)
      return entity === undefined ? undefined : { entity, event: events[index]! }
    })
    target.group.live.correct(batch.offset[row]!, before, after)
  }
}

function emptyEvent(columns: readonly Float64Array[]): LiveEvent {
  return { id: '', eventTime: 0, sequence: 0, position: 0, columns, row: 0 }
}

function writeEvent({ sequence }: Route, batch: EventBatch, row: number, event: LiveEvent): void {
  event.id = batch.id[row]!
  event.eventTime = batch.eventTime[row]!
  event.position = batch.offset[row]!
  event.row = row
  if (sequence !== -1) event.sequence = sequenceOf(event.columns[sequence]![row]!)
}

/** The entity that a row is about, for a group; undefined where a field of its key is null. */
function entityOf({ types }: Route, target: Target, batch: EventBatch, row: number): string | undefined {
  const { keyColumns, key, group } = target
  for (let field = 0; field < keyColumns.length; field += 1) {
    const column = keyColumns[field]!
    key[field] = valueAt(batch.columns[column]!, row, types[column]!)
  }
  return group.keyOf(key)?.text
}

/** The sequence of an event that has none is 0. */
function sequenceOf(value: number): number {
  return Number.isNaN(value) ? 0 : value
}

function encodeBatch({ names, read }: Route, batch: EventBatch, dictionary: Dictionary): Float64Array[] {
  return batch.columns.map((column, index) => (read.has(names[index]!) ? encodeColumn(column, dictionary) : unread))
}

function encodeColumn(column: EventColumn, dictionary: Dictionary): Float64Array {
  if (column instanceof Float64Array) return column
  return Float64Array.from(column, (text) => (text === null ? Number.NaN : dictionary.encode(text)))
}
