/** An outcome in memory. */
export interface HeldOutcome {
  readonly eventTime: number
  readonly label: number
  readonly sequence: number
  readonly id: string
  /** A prediction has it as its label, or it was reported. */
  claimed: boolean
}

/** Outcomes by key and time, in stretches of time that are dropped as a whole. */
export interface HeldOutcomes {
  /** Adds an outcome; returns how many keys its stretch holds. */
  add(key: string, outcome: HeldOutcome): number
  /** Takes away an outcome that was added; nothing where it is not held. */
  remove(key: string, outcome: Pick<HeldOutcome, 'eventTime' | 'id'>): void
  /** The first outcome of a key in [from, to): by event time, sequence, and id. */
  first(key: string, from: number, to: number): HeldOutcome | undefined
  /** All outcomes of a key in [from, to), in the same order. */
  between(key: string, from: number, to: number): HeldOutcome[]
  /** Start of the oldest stretch; infinity when nothing is held. */
  readonly oldest: number
  /** Drops all stretches that start before. */
  dropBefore(time: number): void
  /** Drops all keys but these. */
  retain(keep: (key: string) => boolean): void
}

interface Sequence {
  readonly items: HeldOutcome[]
  sorted: boolean
}

/** @param stretch microseconds, positive */
export function createHeldOutcomes(stretch: number): HeldOutcomes {
  const stretches = new Map<number, Map<string, Sequence>>()
  const startOf = (time: number): number => Math.floor(time / stretch) * stretch

  /** The outcomes of a key in a stretch, and the position of the first that is not before `from`. */
  function seek(key: string, start: number, from: number): { items: readonly HeldOutcome[]; position: number } {
    const sequence = stretches.get(start)?.get(key)
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
    add(key, outcome) {
      const start = startOf(outcome.eventTime)
      const keys = stretches.get(start) ?? new Map<string, Sequence>()
      stretches.set(start, keys)
      const sequence = keys.get(key)
      if (sequence === undefined) keys.set(key, { items: [outcome], sorted: true })
      else {
        sequence.items.push(outcome)
        sequence.sorted = false
      }
      return keys.size
    },
    remove(key, { eventTime, id }) {
      const items = stretches.get(startOf(eventTime))?.get(key)?.items ?? []
      const place = items.findIndex((item) => item.eventTime === eventTime && item.id === id)
      if (place !== -1) items.splice(place, 1)
    },
    first(key, from, to) {
      for (let start = startOf(from); start < to; start += stretch) {
        const { items, position } = seek(key, start, from)
        const outcome = items[position]
        if (outcome !== undefined) return outcome.eventTime < to ? outcome : undefined
      }
      return undefined
    },
    between(key, from, to) {
      const found: HeldOutcome[] = []
      for (let start = startOf(from); start < to; start += stretch) {
        const { items, position } = seek(key, start, from)
        for (let index = position; index < items.length && items[index]!.eventTime < to; index++)
          found.push(items[index]!)
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
    retain(keep) {
      for (const keys of stretches.values()) for (const key of keys.keys()) if (!keep(key)) keys.delete(key)
    },
  }
}

function compare(a: HeldOutcome, b: HeldOutcome): number {
  if (a.eventTime !== b.eventTime) return a.eventTime - b.eventTime
  if (a.sequence !== b.sequence) return a.sequence - b.sequence
  return a.id === b.id ? 0 : Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
}
