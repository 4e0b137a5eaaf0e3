import {
  type EntityRecord,
  isOutdated,
  type LiveEntity,
  nameOfRecord,
  readEntity,
  writeEntity,
} from './entity-record.ts'
import { CHUNK_WORDS, PackedEntities } from './packed-entities.ts'
import type { GroupPlan } from './plan.ts'
import type { EntityRows } from './rows.ts'
import type { Sealed } from './sealed.ts'
import { StateWriter } from './state-words.ts'

/** Entities that are looked at between two pauses of a long walk: a fraction of a millisecond. */
const ENTITIES_AT_ONCE = 256

interface HeldEntity extends LiveEntity {
  /** Number of the walk before the last time that it was asked for, and of the last walk that wrote it down. */
  touched: number
  written: number
}

/**
 * The entities of a group by name. Those that were not asked for since the walk before the last are packed: they become
 * objects again when they are asked for.
 *
 * A walk writes all entities down as they were when it began, however long it takes: whoever changes one that was not
 * written yet has it written first.
 */
export class Entities {
  readonly #plan: GroupPlan
  readonly #held = new Map<string, HeldEntity>()
  readonly #packed = new PackedEntities()
  readonly #writer = new StateWriter()
  #walks = 0
  #walk: RecordChunks | undefined
  /** Chunks of packed entities below it were written by the walk. */
  #writtenChunks = 0

  constructor(plan: GroupPlan) {
    this.#plan = plan
  }

  get size(): number {
    return this.#held.size + this.#packed.size
  }

  get packedBytes(): number {
    return this.#packed.byteLength
  }

  get packedRows(): number {
    return this.#packed.rows
  }

  /** Those that are not packed. */
  held(): Iterable<LiveEntity> {
    return this.#held.values()
  }

  /** The names of all, as they are now. */
  names(): readonly string[] {
    const packed = Array.from({ length: this.#packed.chunks }, (_, chunk) => [...this.#packed.records(chunk)])
    return [...this.#held.keys(), ...packed.flat().map(nameOfRecord)]
  }

  /** An entity, to look at; undefined when there is none. */
  find(name: string): LiveEntity | undefined {
    const entity = this.#held.get(name) ?? this.#unpack(name)
    if (entity !== undefined) entity.touched = this.#walks
    return entity
  }

  /** An entity, to change before anything else is called. */
  change(name: string): LiveEntity | undefined {
    const entity = this.#held.get(name) ?? this.#unpack(name)
    if (entity === undefined) return undefined
    entity.touched = this.#walks
    if (this.#walk !== undefined) this.#write(name, entity, this.#walk)
    return entity
  }

  /** Adds an entity that is not there. */
  add(name: string, rows: EntityRows, goneBefore: number): LiveEntity {
    return this.#hold(name, rows, undefined, goneBefore)
  }

  /** Takes over records of entities that are not there. */
  take(chunk: Float64Array): void {
    this.#packed.take(chunk)
  }

  /**
   * Lets go of entities, a few between two yields.
   * @param before packed entities are let go of when they are only rows from before this event time
   * @param letGo shrinks an entity that is not packed, and says whether nothing is left of it
   */
  *forget(before: number, letGo: (entity: LiveEntity) => boolean): Generator<void> {
    let seen = 0
    for (const [name, entity] of this.#held) {
      if (this.#walk !== undefined) this.#write(name, entity, this.#walk)
      if (letGo(entity)) this.#held.delete(name)
      seen += 1
      if (seen % ENTITIES_AT_ONCE === 0) yield
    }
    for (let chunk = 0; chunk < this.#packed.chunks; chunk++) {
      for (const record of [...this.#packed.records(chunk)]) {
        if (!isOutdated(record, before)) continue
        this.#writeRecord(record, chunk)
        this.#packed.remove(nameOfRecord(record))
      }
      yield
    }
  }

  /**
   * Begins to write all entities down as they are now, instead of what is under way.
   * @returns chunks of records, and undefined for a pause where there is none yet
   */
  walk(): Generator<Float64Array | undefined> {
    this.#walks += 1
    this.#writtenChunks = 0
    this.#walk = new RecordChunks()
    return this.#steps(this.#walk)
  }

  /** Ends a walk that is not taken to its end, so that nothing is written for it any more. */
  endWalk(): void {
    this.#walk = undefined
  }

  *#steps(walk: RecordChunks): Generator<Float64Array | undefined> {
    for (let chunk = 0; chunk < this.#packed.chunks; chunk++) if (this.#packed.compact(chunk)) yield
    let seen = 0
    for (const [name, entity] of this.#held) {
      const isQuiet = entity.touched < this.#walks - 1
      if (isQuiet) this.#pack(name, entity)
      else this.#write(name, entity, walk)
      seen += 1
      if (seen % ENTITIES_AT_ONCE === 0) yield
      yield* walk.takeFull()
    }
    while (this.#writtenChunks < this.#packed.chunks) {
      const chunk = this.#writtenChunks
      const whole = this.#packed.whole(chunk)
      if (whole === undefined) for (const record of this.#packed.records(chunk)) walk.append(record)
      this.#writtenChunks += 1
      yield whole
      yield* walk.takeFull()
    }
    yield* walk.takeAll()
    if (this.#walk === walk) this.#walk = undefined
  }

  #unpack(name: string): HeldEntity | undefined {
    const found = this.#packed.find(name)
    if (found === undefined) return undefined
    this.#writeRecord(found.record, found.chunk)
    const { rows, sealed, goneBefore } = readEntity(this.#plan, found.record)
    this.#packed.remove(name)
    return this.#hold(name, rows, sealed, goneBefore)
  }

  #hold(name: string, rows: EntityRows, sealed: Sealed | undefined, goneBefore: number): HeldEntity {
    // A walk under way has nothing to write of it: it is new, or was just written.
    const walks = this.#walks
    const entity: HeldEntity = { rows, cursor: undefined, sealed, goneBefore, touched: walks, written: walks }
    this.#held.set(name, entity)
    return entity
  }

  #pack(name: string, entity: HeldEntity): void {
    this.#writer.clear()
    writeEntity(this.#writer, name, entity)
    this.#packed.append(this.#writer.written)
    this.#held.delete(name)
  }

  #write(name: string, entity: HeldEntity, walk: RecordChunks): void {
    if (entity.written === this.#walks) return
    entity.written = this.#walks
    this.#writer.clear()
    writeEntity(this.#writer, name, entity)
    walk.append(this.#writer.written)
  }

  /** Before a packed record goes: the walk under way may not have come to it. */
  #writeRecord(record: EntityRecord, chunk: number): void {
    if (chunk >= this.#writtenChunks) this.#walk?.append(record)
  }
}

/** Puts records together into chunks. */
class RecordChunks {
  #open: Float64Array = new Float64Array(CHUNK_WORDS)
  #used = 0
  #full: Float64Array[] = []

  append(record: EntityRecord): void {
    if (this.#used + record.length > this.#open.length) {
      this.#close()
      this.#open = new Float64Array(Math.max(CHUNK_WORDS, record.length))
    }
    this.#open.set(record, this.#used)
    this.#used += record.length
  }

  takeFull(): Float64Array[] {
    return this.#full.splice(0)
  }

  takeAll(): Float64Array[] {
    this.#close()
    return this.takeFull()
  }

  #close(): void {
    if (this.#used > 0) this.#full.push(this.#open.subarray(0, this.#used))
    this.#used = 0
  }
}
