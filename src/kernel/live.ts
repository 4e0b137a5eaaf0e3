import { MINUTE } from '../core/time.ts'
import { Cursor } from './cursor.ts'
import { Entities } from './entities.ts'
import { type LiveEntity, readEntities } from './entity-record.ts'
import { finishFeatures } from './finish.ts'
import { evaluateRow } from './lanes.ts'
import { isWorthLettingGo, letGo } from './let-go.ts'
import { mergeEntity } from './merge.ts'
import type { GroupPlan } from './plan.ts'
import { EntityRows } from './rows.ts'
import { Sealed } from './sealed.ts'
import type { GroupSnapshot, GroupState } from './snapshot.ts'
import { Steps } from './steps.ts'
import { beginOf, endOf } from './window.ts'

/** An accepted event, as the log hands it on. A caller may use one object for all events. */
export interface LiveEvent {
  /** Orders events of one entity with the same event time and sequence, as UTF-8 bytes. */
  id: string
  eventTime: number
  /** The stream's declared sequence, or 0. */
  sequence: number
  /** Where the event stands in the log: rises from event to event. */
  position: number
  /** Encoded columns of the stream, in the order of its schema, and the row in them that is the event. */
  columns: readonly Float64Array[]
  row: number
}

/** An event with the entity that it is about. */
export interface EntityEvent {
  readonly entity: string
  readonly event: LiveEvent
}

/** Sizes of a group's state. */
export interface LiveMemory {
  readonly entities: number
  /** Rows held; lifetime windows keep what they need of the others. */
  readonly events: number
  /** Estimate of the bytes held. */
  readonly bytes: number
}

/** State of one group of features for all its entities: events applied as they come, vectors read at any moment. */
export interface LiveGroup {
  readonly plan: GroupPlan
  /** Position of the last event applied, -1 before the first: the cut of everything that is read now. */
  readonly position: number
  /**
   * Applies an event of an entity. One at or before the group's position was applied already: it changes nothing.
   * @returns whether the event was new
   */
  apply(entity: string, event: LiveEvent): boolean
  /**
   * Takes the row of an id that counted away and puts the one that counts from now on in its place, as one step.
   * @param position of the revision in the log; at or before the group's position it changes nothing
   * @param old the row that counted, as it was applied; undefined where the id had none, or was deleted
   * @param next undefined for a deletion, or when the revision came after a higher one (so is `old` then)
   * @returns whether the revision was new
   * @throws Error when `old` is not among the rows that must be held
   */
  correct(position: number, old: EntityEvent | undefined, next: EntityEvent | undefined): boolean
  /**
   * Writes value and status of every feature of an entity at time t, in the order of the definition's `select`.
   * Reading has no effect that a later answer could show.
   * @param time t in microseconds: events before it are seen
   * @param at where the first feature goes in `values` and `statuses`
   * @returns false, and writes nothing, when t is older than what the state can still answer: ask the log then
   */
  read(entity: string, time: number, values: Float64Array, statuses: Uint8Array, at: number): boolean
  /** The same for who looks at many entities that nobody else may ask for: it keeps nothing to answer sooner the next time. */
  glance(entity: string, time: number, values: Float64Array, statuses: Uint8Array, at: number): boolean
  /**
   * Lets go of entities none of whose rows a read at or after `time` needs, and of such rows where they are a good part
   * of an entity's. Groups let go of rows by themselves when an entity's rows need more room; this reaches the entities
   * that have gone quiet.
   */
  forget(time: number): void
  /** The same in steps of a few entities each, between which anything else may happen. */
  forgetSteps(time: number): Generator<void>
  /** The state as it is now, handed out while it changes; one at a time. */
  snapshot(): GroupSnapshot
  /**
   * Takes over a state, before anything was applied.
   * @param chunks those of the snapshot; they belong to the group from now on
   */
  restore(state: GroupState, chunks: Iterable<Float64Array>): void
  /**
   * Takes in what another group of the same plan and dictionary was given: the two answer as one that was given all of it.
   * All rows of an id must have gone to one of them, so that a correction meets the row that it corrects.
   */
  merge(state: GroupState, chunks: Iterable<Float64Array>): void
  memory(): LiveMemory
  /** The names of about so many entities at most, spread over all that are held; of all where they are no more. */
  sample(count: number): readonly string[]
}

/** How a live group is kept. */
export interface LiveOptions {
  /** Reads as old as this behind the newest event are answered from memory; microseconds, 15 minutes unless given. */
  readonly slack?: number
  /** Entities with fewer rows have their windows computed anew at every read, for less memory; 48 unless given. */
  readonly memoRows?: number
}

/** What an entity that is objects takes besides its rows, measured: map entry, objects, array headers. */
const BYTES_PER_ENTITY = 600

/**
 * An empty live group.
 *
 * Memory is bounded: a row is let go of once it lies further back from the newest event than the longest window, the
 * stream's `ahead` and the slack; for a group with a lifetime window also no sooner than the stream's
 * `corrections.within`, so that late events and corrections meet the rows they belong among. What a lifetime needs of
 * such rows is sealed into exact running states. A late event may still lie before all held rows, as imported history
 * does: it is sealed at once, or dropped where no window that can be answered holds it. Likewise for a correction of a
 * row that is held no longer; where a sealed state cannot do without it, the entity's questions go to the log.
 */
export function createLiveGroup(plan: GroupPlan, { slack = 15 * MINUTE, memoRows = 48 }: LiveOptions = {}): LiveGroup {
  const entities = new Entities(plan)
  const lanes = new Float64Array(plan.lanes.length)
  const spareCursor = new Cursor(plan)
  const steps = new Steps(plan, 1)
  const nothing = new EntityRows(plan, 0)
  const kept = Math.max(plan.reach, plan.hasLifetime ? plan.corrections : 0) + plan.ahead + slack
  /** By window: from where on rows must be held to read it at t. What a lifetime needs of earlier ones is sealed. */
  const oldestHeld = plan.windows.map((window) => {
    const begin = window.kind === 'lifetime' ? (end: number) => end : beginOf(window)
    return (time: number) => begin(endOf(window, time))
  })
  let position = -1
  let newest = Number.NEGATIVE_INFINITY
  let forgottenBefore = Number.NEGATIVE_INFINITY

  /** A row that lies before all that is held. */
  function takeLate(entity: LiveEntity, event: LiveEvent): void {
    const row = new EntityRows(plan, 1)
    row.insert(event.eventTime, event.sequence, event.id, lanes)
    entity.sealed ??= new Sealed(plan)
    entity.sealed.take(row, 1)
    entity.cursor = undefined
  }

  /** Takes away a row that lies before all that is held. */
  function takeSealed(entity: LiveEntity, event: LiveEvent): void {
    if (entity.sealed === undefined) return
    const row = new EntityRows(plan, 1)
    row.insert(event.eventTime, event.sequence, event.id, lanes)
    entity.sealed.takeAway(row)
    if (entity.sealed.rows === 0) entity.sealed = undefined
    entity.cursor = undefined
  }

  function put(name: string, event: LiveEvent): void {
    newest = Math.max(newest, event.eventTime)
    let entity = entities.change(name) ?? entities.create(forgottenBefore)
    evaluateRow(plan, event.columns, event.row, lanes)
    if (entity.rows.isFull && isWorthLettingGo(entity.rows.countBefore(newest - kept), entity.rows.length)) {
      if (plan.hasLifetime) entity = entities.hold(name, entity)
      letGo(plan, entity, newest - kept)
    }
    if (event.eventTime < entity.goneBefore) {
      if (plan.hasLifetime) {
        entity = entities.hold(name, entity)
        takeLate(entity, event)
      }
    } else {
      const inserted = entity.rows.insert(event.eventTime, event.sequence, event.id, lanes)
      if (entity.cursor !== undefined && inserted < entity.cursor.head) entity.cursor.insert(entity.rows, inserted)
    }
    entities.keep(name, entity)
  }

  function takeAway(name: string, event: LiveEvent): void {
    const entity = entities.change(name)
    evaluateRow(plan, event.columns, event.row, lanes)
    if (event.eventTime < (entity?.goneBefore ?? forgottenBefore)) {
      if (entity !== undefined) takeSealed(entity, event)
      return
    }
    const found = entity?.rows.find(event.eventTime, event.sequence, event.id, lanes) ?? -1
    if (entity === undefined || found === -1)
      throw new Error(`The row ${event.id} of ${plan.name} was to be corrected, but it is not there.`)
    if (entity.cursor !== undefined && found < entity.cursor.head) entity.cursor.remove(entity.rows, found)
    entity.rows.remove(found)
    entities.keep(name, entity)
  }

  function isAnswerable(time: number, goneBefore: number): boolean {
    if (goneBefore === Number.NEGATIVE_INFINITY) return true
    if (time < goneBefore) return false
    for (const oldest of oldestHeld) if (oldest(time) < goneBefore) return false
    return true
  }

  function cursorOf(entity: LiveEntity): Cursor {
    if (entity.cursor !== undefined) return entity.cursor
    if (isLong(entity)) entity.cursor = new Cursor(plan)
    const cursor = entity.cursor ?? spareCursor
    cursor.reset(entity.rows.origin, entity.sealed)
    return cursor
  }

  function answer(
    rows: EntityRows,
    sealed: Sealed | undefined,
    cursor: Cursor,
    time: number,
    values: Float64Array,
    statuses: Uint8Array,
    at: number,
  ): void {
    steps.count = 1
    steps.times[0] = time
    steps.heads[0] = rows.origin + rows.countBefore(time)
    cursor.take(rows, steps)
    finishFeatures(plan, rows, steps, sealed, values, statuses, at)
  }

  /** Whether the cursor of an entity is worth keeping. */
  function isLong({ rows, sealed }: LiveEntity): boolean {
    // What is sealed of a collection is put into the cursor's own, however few rows there are.
    return rows.length >= memoRows || (sealed !== undefined && plan.collections.length > 0)
  }

  function forgetSteps(time: number): Generator<void> {
    const before = time - Math.max(plan.reach, plan.hasLifetime ? plan.corrections : 0)
    // First of all: whoever asks about an entity that is gone must not be told that it was never there.
    if (!plan.hasLifetime) forgottenBefore = Math.max(forgottenBefore, before)
    return entities.forget(before, (entity) => {
      const { length } = entity.rows
      if (isWorthLettingGo(entity.rows.countBefore(before), length)) letGo(plan, entity, before)
      // Where nothing is sealed, a lifetime has lost no row.
      const isForgotten = plan.hasLifetime ? entity.sealed === undefined : entity.goneBefore <= forgottenBefore
      return entity.rows.length === 0 && isForgotten
    })
  }

  return {
    plan,
    get position() {
      return position
    },

    apply(name, event) {
      if (event.position <= position) return false
      position = event.position
      put(name, event)
      return true
    },

    correct(at, old, next) {
      if (at <= position) return false
      position = at
      if (old !== undefined) takeAway(old.entity, old.event)
      if (next !== undefined) put(next.entity, next.event)
      return true
    },

    read(name, time, values, statuses, at) {
      let entity = entities.find(name)
      if (!isAnswerable(time, entity === undefined ? forgottenBefore : entity.goneBefore)) return false
      if (entity?.sealed?.isKnown === false) return false
      if (entity !== undefined && entity.cursor === undefined && isLong(entity)) entity = entities.hold(name, entity)
      const rows = entity === undefined ? nothing : entity.rows
      const cursor = entity === undefined ? spareCursor : cursorOf(entity)
      if (entity === undefined) cursor.reset(0, undefined)
      answer(rows, entity?.sealed, cursor, time, values, statuses, at)
      return true
    },

    glance(name, time, values, statuses, at) {
      const entity = entities.glance(name)
      if (!isAnswerable(time, entity === undefined ? forgottenBefore : entity.goneBefore)) return false
      if (entity?.sealed?.isKnown === false) return false
      const { rows = nothing, cursor = spareCursor, sealed } = entity ?? {}
      if (cursor === spareCursor) cursor.reset(rows.origin, sealed)
      answer(rows, sealed, cursor, time, values, statuses, at)
      return true
    },

    forget(time) {
      for (const steps = forgetSteps(time); steps.next().done !== true; );
    },

    forgetSteps,

    snapshot: () => ({
      state: { position, newest, forgottenBefore },
      chunks: entities.walk(),
      end: () => entities.endWalk(),
    }),

    restore(state, chunks) {
      position = state.position
      newest = state.newest
      forgottenBefore = state.forgottenBefore
      entities.take(chunks)
    },

    merge(state, chunks) {
      position = Math.max(position, state.position)
      newest = Math.max(newest, state.newest)
      // Where one of the two may have let go of an entity, neither knows its rows any more.
      forgottenBefore = Math.max(forgottenBefore, state.forgottenBefore)
      for (const name of forgottenBefore === Number.NEGATIVE_INFINITY ? [] : entities.names())
        letGo(plan, entities.hold(name, entities.change(name) as LiveEntity), forgottenBefore)
      for (const chunk of chunks)
        for (const [name, other] of readEntities(plan, chunk))
          mergeEntity(plan, entities.hold(name, entities.change(name) ?? entities.create(forgottenBefore)), other)
    },

    sample: (count) => entities.sample(count),

    memory() {
      let events = entities.packedRows
      let bytes = entities.packedBytes
      for (const { rows, cursor, sealed } of entities.held()) {
        events += rows.length
        bytes += BYTES_PER_ENTITY + rows.byteLength + (cursor?.byteLength ?? 0) + (sealed?.byteLength ?? 0)
      }
      return { entities: entities.size, events, bytes }
    },
  }
}
