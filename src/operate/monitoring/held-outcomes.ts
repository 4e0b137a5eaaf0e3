/** An outcome in memory. */
export interface HeldOutcome {
  readonly eventTime: number
  readonly label: number
  readonly sequence: number
  readonly id: string
  /** A prediction has it as its label, or it was reported. */
  claimed: boolean
  /** Number of the look that sees it first. */
  seenFrom: number
}

/** Whose outcomes are meant: a key, with a hash of its own of 32 bits. */
export interface HashedKey {
  readonly key: string
  readonly hash: number
}

/** Outcomes by key and time, in stretches of time that are dropped as a whole. */
export interface HeldOutcomes {
  /** Until `endLook` what is looked up is what is held now: what is added or removed meanwhile counts for the next look. */
  beginLook(): void
  endLook(): void
  /** Adds an outcome; returns how many keys its stretch holds. */
  add(of: HashedKey, outcome: Omit<HeldOutcome, 'claimed' | 'seenFrom'>): number
  /** Takes away an outcome that was added; nothing where it is not held. */
  remove(of: HashedKey, outcome: Pick<HeldOutcome, 'eventTime' | 'id'>): void
  /** The first outcome of a key in [from, to): by event time, sequence, and id. */
  first(of: HashedKey, from: number, to: number): HeldOutcome | undefined
  /** All outcomes of a key in [from, to), in the same order. */
  between(of: HashedKey, from: number, to: number): HeldOutcome[]
  /** Start of the oldest stretch; infinity when nothing is held. */
  readonly oldest: number
  /** Drops all stretches that start before. */
  dropBefore(time: number): void
  /** Drops all keys but those whose hash begins with at least so many zeros; none is looked at for it. */
  retain(zeros: number): void
}

interface Sequence {
  readonly items: HeldOutcome[]
  sorted: boolean
}

/** The outcomes of a stretch of time, by key. Keys whose hashes begin with as many zeros share shelves, `SHELVES` of them. */
interface Stretch {
  readonly shelves: (Map<string, Sequence> | undefined)[]
  keys: number
}

/** When a map with all keys grew, everybody would wait for it: these grow one after the other. */
const SHELVES = 16

/** @param stretch microseconds, positive */
export function createHeldOutcomes(stretch: number): HeldOutcomes {
  const stretches = new Map<number, Stretch>()
  const startOf = (time: number): number => Math.floor(time / stretch) * stretch
  /** Removed while a look sees them, with the list that each is in. */
  const removed = new Map<HeldOutcome, HeldOutcome[]>()
  let looks = 0
  let isLooking = false
  const isSeen = (outcome: HeldOutcome): boolean => outcome.seenFrom <= looks

  function sequenceOf({ key, hash }: HashedKey, start: number): Sequence | undefined {
    return stretches.get(start)?.shelves[shelfOf(hash)]?.get(key)
  }

  /** The outcomes of a key in a stretch, and the position of the first that is not before `from`. */
  function seek(of: HashedKey, start: number, from: number): { items: readonly HeldOutcome[]; position: number } {
    const sequence = sequenceOf(of, start)
    if (sequence === undefined) return { items: [], position: 0 }
    if (!sequence.sorted) sequence.items.sort(compare)
    sequence.sorted = true
    const { items } = sequence
    let low = 0
    let high = items.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (items[middle]!.eventTime < from) low = middle + 1
      else high = middle
    }
    return { items, position: low }
  }

  return {
    beginLook() {
      looks += 1
      isLooking = true
    },
    endLook() {
      isLooking = false
      for (const [outcome, items] of removed) items.splice(items.indexOf(outcome), 1)
      removed.clear()
    },
    add({ key, hash }, given) {
      const outcome: HeldOutcome = { ...given, claimed: false, seenFrom: isLooking ? looks + 1 : 0 }
      const start = startOf(outcome.eventTime)
      const kept = stretches.get(start) ?? { shelves: [], keys: 0 }
      stretches.set(start, kept)
      const shelf = shelfOf(hash)
      const sequences = kept.shelves[shelf] ?? new Map<string, Sequence>()
      kept.shelves[shelf] = sequences
      const sequence = sequences.get(key)
      if (sequence === undefined) {
        sequences.set(key, { items: [outcome], sorted: true })
        kept.keys += 1
      } else {
        sequence.items.push(outcome)
        sequence.sorted = false
      }
      return kept.keys
    },
    remove(of, { eventTime, id }) {
      const items = sequenceOf(of, startOf(eventTime))?.items ?? []
      const place = items.findIndex((item) => item.eventTime === eventTime && item.id === id && !removed.has(item))
      if (place === -1) return
      const outcome = items[place]!
      if (isLooking && isSeen(outcome)) removed.set(outcome, items)
      else items.splice(place, 1)
    },
    first(of, from, to) {
      for (let start = startOf(from); start < to; start += stretch) {
        const { items, position } = seek(of, start, from)
        for (let index = position; index < items.length; index++) {
          const outcome = items[index]!
          if (isSeen(outcome)) return outcome.eventTime < to ? outcome : undefined
        }
      }
      return undefined
    },
    between(of, from, to) {
      const found: HeldOutcome[] = []
      for (let start = startOf(from); start < to; start += stretch) {
        const { items, position } = seek(of, start, from)
        for (let index = position; index < items.length && items[index]!.eventTime < to; index++)
          if (isSeen(items[index]!)) found.push(items[index]!)
      }
      return found
    },
    get oldest() {
      let oldest = Number.POSITIVE_INFINITY
      for (const start of stretches.keys()) oldest = Math.min(oldest, start)
      return oldest
    },
    dropBefore(time) {
      for (const start of stretches.keys()) if (start < time) stretches.delete(start)
    },
    retain(zeros) {
      for (const kept of stretches.values()) {
        kept.shelves.fill(undefined, 0, zeros * SHELVES)
        kept.keys = kept.shelves.reduce((sum, shelf) => sum + (shelf?.size ?? 0), 0)
      }
    },
  }
}

/** The last bits of a hash tell shelves apart, the first ones how long its key is followed. */
function shelfOf(hash: number): number {
  return Math.clz32(hash) * SHELVES + (hash % SHELVES)
}

function compare(a: HeldOutcome, b: HeldOutcome): number {
  if (a.eventTime !== b.eventTime) return a.eventTime - b.eventTime
  if (a.sequence !== b.sequence) return a.sequence - b.sequence
  return a.id === b.id ? 0 : Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
}
