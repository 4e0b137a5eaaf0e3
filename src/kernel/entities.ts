import {
  type EntityRecord,
  goneBeforeOfRecord,
  isOnlyRows,
  keepInRecord,
  type LiveEntity,
  lieInRecord,
  nameOfRecord,
  readEntity,
  rowsBefore,
  rowsOfRecord,
  setWritten,
  writeEntity,
  writeRecord,
  writtenOfRecord,
} from './entity-record.ts'
import { isWorthLettingGo } from './let-go.ts'
import { CHUNK_WORDS, PackedEntities, type RecordPlace, recordAt } from './packed-entities.ts'
import type { GroupPlan } from './plan.ts'
import { EntityRows } from './rows.ts'
import { StateWriter } from './state-words.ts'

/** Entities that are looked at between two pauses of a long walk: a fraction of a millisecond. */
const ENTITIES_AT_ONCE = 256

interface HeldEntity extends LiveEntity {
  /** Number of the walk before the last time that it was asked for, and of the last walk that wrote it down. */
  touched: number
  written: number
}

/**
 * The entities of a group by name. One that is only rows is a record, and worked on where it lies; one that has a cursor
 * or sealed rows is objects, until it was not asked for since the walk before the last.
 *
 * A walk writes all entities down as they were when it began, however long it takes: whoever changes one that was not
 * written yet has it written first.
 */
export class Entities {
  readonly #plan: GroupPlan
  readonly #held = new Map<string, HeldEntity>()
  readonly #packed = new PackedEntities()
  readonly #writer = new StateWriter()
  /** The record that is looked at, as an entity. */
  readonly #inPlace: LiveEntity
  #place: RecordPlace | undefined
  /** Rows of a record that a walk writes. */
  readonly #walked: EntityRows
  readonly #beforeMove = (words: Float64Array, bytes: Uint8Array, at: number) => this.#writeRecord(words, bytes, at)
  #walks = 0
  #walk: RecordChunks | undefined

  constructor(plan: GroupPlan) {
    this.#plan = plan
    const allocate = (words: number) => this.#packed.move(this.#place as RecordPlace, words)
    const rows = new EntityRows(plan, 0, { allocate })
    this.#walked = new EntityRows(plan, 0)
    this.#inPlace = { rows, cursor: undefined, sealed: undefined, goneBefore: Number.NEGATIVE_INFINITY }
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

  /** Those that are objects. */
  held(): Iterable<LiveEntity> {
    return this.#held.values()
  }

  /** The names of all, as they are now. */
  names(): readonly string[] {
    const packed: string[] = []
    for (let chunk = 0; chunk < this.#packed.chunks; chunk++) packed.push(...this.#namesOf(chunk))
    return [...this.#held.keys(), ...packed]
  }

  /** The names of about so many at most, spread over all; of all where they are no more. */
  sample(count: number): readonly string[] {
    if (this.size <= count) return this.names()
    const share = Math.ceil((count * this.#packed.size) / this.size)
    const names: string[] = []
    // A few of each of some chunks, so that a million entities need not be looked at.
    const { chunks } = this.#packed
    const step = Math.max(1, Math.floor(chunks / Math.max(1, share)))
    const each = Math.ceil((share * step) / Math.max(1, chunks))
    for (let chunk = 0; chunk < chunks; chunk += step) names.push(...this.#namesOf(chunk).slice(0, each))
    names.length = Math.min(names.length, share)
    const every = Math.max(1, Math.floor(this.#held.size / Math.max(1, count - share)))
    let index = 0
    for (const name of this.#held.keys()) {
      if (index % every === 0 && names.length < count) names.push(name)
      index += 1
    }
    return names
  }

  /** An entity, to look at before anything else is called; undefined when there is none. */
  find(name: string): LiveEntity | undefined {
    const entity = this.#held.size === 0 ? undefined : this.#held.get(name)
    if (entity === undefined) return this.#look(name)
    entity.touched = this.#walks
    return entity
  }

  /** The same without making anything of it: an entity that nobody else asks for stays a record. */
  glance(name: string): LiveEntity | undefined {
    const place = this.#packed.find(name)
    if (place === undefined) return this.#held.get(name)
    return isOnlyRows(place.words, place.at)
      ? this.#look(name)
      : readEntity(this.#plan, recordAt(place.words, place.at))
  }

  /** An entity, to change before anything but `hold` and `keep` is called: `keep` at the end. */
  change(name: string): LiveEntity | undefined {
    const entity = this.find(name)
    if (this.#walk === undefined || entity === undefined) return entity
    if (entity === this.#inPlace) {
      const { words, bytes, at } = this.#place as RecordPlace
      this.#writeRecord(words, bytes, at)
    } else this.#write(name, entity as HeldEntity, this.#walk)
    return entity
  }

  /** An entity that is not there, to be put among the others by `keep`. */
  create(goneBefore: number): LiveEntity {
    return { rows: new EntityRows(this.#plan), cursor: undefined, sealed: undefined, goneBefore }
  }

  /** Makes objects of an entity that was found or created, so that it can have a cursor and sealed rows. */
  hold(name: string, entity: LiveEntity): LiveEntity {
    const held = this.#held.get(name)
    if (held !== undefined) return held
    return entity === this.#inPlace ? this.#unpack(name) : this.#hold(name, entity, this.#walks)
  }

  /** Keeps what was changed of an entity that was found or created. */
  keep(name: string, entity: LiveEntity): void {
    if (entity === this.#inPlace) {
      const { words, at } = this.#place as RecordPlace
      this.#packed.countRows(entity.rows.length - rowsOfRecord(words, at))
      keepInRecord(words, at, entity.rows, entity.goneBefore)
    } else if (!this.#held.has(name)) this.#append(name, entity, this.#walks)
    if (this.#packed.hasGrown) this.#packed.tidy(this.#beforeMove)
  }

  /** Takes over records of entities that are not there. */
  take(chunks: Iterable<Float64Array>): void {
    this.#packed.takeAll([...chunks])
  }

  /**
   * Lets go of rows, a few entities between two yields.
   * @param before rows from before this event time are let go of, where they are a good part of an entity's
   * @param letGo shrinks an entity that is objects, and says whether nothing is left of it
   */
  *forget(before: number, letGo: (entity: LiveEntity) => boolean): Generator<void> {
    let seen = 0
    for (const [name, entity] of this.#held) {
      if (this.#walk !== undefined) this.#write(name, entity, this.#walk)
      if (letGo(entity)) this.#held.delete(name)
      seen += 1
      if (seen % ENTITIES_AT_ONCE === 0) yield
    }
    // Those that are written anew at the end have been looked at.
    const { chunks } = this.#packed
    for (let chunk = 0; chunk < chunks; chunk++) {
      const isOutdated = (words: Float64Array, at: number) => hasToGo(words, at, before)
      for (const name of this.#namesOf(chunk, isOutdated)) {
        const entity = this.#unpack(name)
        if (!letGo(entity)) this.#append(name, entity, entity.written)
        this.#held.delete(name)
      }
      yield
    }
    while (this.#packed.tidy(this.#beforeMove)) yield
  }

  /**
   * Begins to write all entities down as they are now, instead of what is under way.
   * @returns chunks of records, and undefined for a pause where there is none yet
   */
  walk(): Generator<Float64Array | undefined> {
    this.#walks += 1
    this.#walk = new RecordChunks()
    return this.#steps(this.#walk)
  }

  /** Ends a walk that is not taken to its end, so that nothing is written for it any more. */
  endWalk(): void {
    this.#walk = undefined
  }

  *#steps(walk: RecordChunks): Generator<Float64Array | undefined> {
    let seen = 0
    for (const [name, entity] of this.#held) {
      this.#write(name, entity, walk)
      if (entity.touched < this.#walks - 1) {
        this.#append(name, entity, this.#walks)
        this.#held.delete(name)
      }
      seen += 1
      if (seen % ENTITIES_AT_ONCE === 0) yield
      yield* walk.takeFull()
    }
    // What comes to lie in later chunks from here on was written before it moved, or is new.
    const { chunks } = this.#packed
    for (let chunk = 0; chunk < chunks; chunk++) {
      const { words, bytes, places } = this.#packed.records(chunk)
      for (const at of places) this.#writeRecord(words, bytes, at)
      yield
      yield* walk.takeFull()
    }
    yield* walk.takeAll()
    if (this.#walk === walk) this.#walk = undefined
  }

  /** A record as an entity: in its place, or as objects where more than rows is known of it. */
  #look(name: string): LiveEntity | undefined {
    const place = this.#packed.find(name)
    if (place === undefined) return undefined
    this.#place = place
    const { words, bytes, at } = place
    if (!isOnlyRows(words, at)) return this.#unpack(name)
    const entity = this.#inPlace
    lieInRecord(entity.rows, words, bytes, at)
    entity.goneBefore = goneBeforeOfRecord(words, at)
    return entity
  }

  #unpack(name: string): HeldEntity {
    const place = this.#packed.find(name) as RecordPlace
    const { words, bytes, at } = place
    this.#writeRecord(words, bytes, at)
    const written = writtenOfRecord(words, at)
    const entity = readEntity(this.#plan, recordAt(words, at))
    this.#packed.remove(place)
    return this.#hold(name, entity, written)
  }

  #hold(name: string, { rows, sealed, goneBefore }: LiveEntity, written: number): HeldEntity {
    const entity: HeldEntity = { rows, cursor: undefined, sealed, goneBefore, touched: this.#walks, written }
    this.#held.set(name, entity)
    return entity
  }

  #append(name: string, entity: LiveEntity, written: number): void {
    this.#writer.clear()
    writeEntity(this.#writer, name, entity, written)
    this.#packed.append(this.#writer.written)
  }

  #write(name: string, entity: HeldEntity, walk: RecordChunks): void {
    if (entity.written === this.#walks) return
    entity.written = this.#walks
    this.#writer.clear()
    writeEntity(this.#writer, name, entity)
    walk.append(this.#writer.written)
  }

  /** Writes a record before it changes or goes: the walk under way may not have come to it. */
  #writeRecord(words: Float64Array, bytes: Uint8Array, at: number): void {
    if (this.#walk === undefined || writtenOfRecord(words, at) === this.#walks) return
    setWritten(words, at, this.#walks)
    this.#writer.clear()
    writeRecord(this.#writer, words, bytes, at, this.#walked)
    this.#walk.append(this.#writer.written)
  }

  #namesOf(chunk: number, isMeant?: (words: Float64Array, at: number) => boolean): string[] {
    const { words, places } = this.#packed.records(chunk)
    const meant = isMeant === undefined ? places : places.filter((at) => isMeant(words, at))
    return meant.map((at) => nameOfRecord(recordAt(words, at)))
  }
}

/** Whether a record is only rows, and either has none or a good part of them is from before an event time. */
function hasToGo(words: Float64Array, at: number, before: number): boolean {
  if (!isOnlyRows(words, at)) return false
  const rows = rowsOfRecord(words, at)
  return rows === 0 || isWorthLettingGo(rowsBefore(words, at, before), rows)
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
