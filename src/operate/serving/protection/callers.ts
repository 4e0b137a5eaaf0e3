import type { IncomingHttpHeaders } from 'node:http'
import { LOAD_TEST_HEADER } from '../load-test-mode.ts'

/** Somebody who asks a model. */
export interface SeenCaller {
  /** What it calls itself. */
  readonly caller: string
  /** Requests. */
  readonly count: number
  /** About when the last of them came, microseconds. */
  readonly lastSeen: number
}

/** Who asks which model, learnt from requests. */
export interface Callers {
  /** Begins to learn who asks a model, with what is known; of others nothing is learnt. */
  watch(model: string, known: readonly SeenCaller[]): void
  /** Counts a request by its headers; of headers that come again, as an object, nothing is looked at. */
  saw(model: string, headers: IncomingHttpHeaders): void
  /**
   * Those of a model, the one that was seen last first.
   * @param now when those are said to have been seen who came since it was read before, microseconds
   */
  of(model: string, now: number): readonly SeenCaller[]
}

/** Header by which a client may say who it is. */
const CLIENT_HEADER = 'x-client'
/** Callers of a model that are remembered. */
const MOST_CALLERS = 100
/** Characters of a name. */
const LONGEST = 80

interface Entry {
  readonly model: string
  readonly caller: string
  count: number
  /** What of the count was read before. */
  read: number
  lastSeen: number
  /** It made room for others. */
  isForgotten: boolean
}

/** Learns callers, at most a hundred of each model: whoever has not come for longest makes room. */
export function createCallers(): Callers {
  const models = new Map<string, Map<string, Entry>>()
  /** Headers are usually of one model; those of a stream of calls may be of several. */
  const known = new WeakMap<IncomingHttpHeaders, Entry>()

  function entryOf(callers: Map<string, Entry>, model: string, caller: string): Entry {
    const found = callers.get(caller)
    if (found !== undefined) return found
    if (callers.size >= MOST_CALLERS) forgetOne(callers)
    const entry = { model, caller, count: 0, read: 0, lastSeen: 0, isForgotten: false }
    callers.set(caller, entry)
    return entry
  }

  return {
    watch(model, seen) {
      const entries = seen.map((one): [string, Entry] => [
        one.caller,
        { ...one, model, read: one.count, isForgotten: false },
      ])
      models.set(model, new Map(entries))
    },
    saw(model, headers) {
      let entry = known.get(headers)
      if (entry === undefined || entry.isForgotten || entry.model !== model) {
        const callers = models.get(model)
        const caller = callers === undefined ? undefined : callerIn(headers)
        if (callers === undefined || caller === undefined) return
        entry = entryOf(callers, model, caller)
        known.set(headers, entry)
      }
      entry.count += 1
    },
    of(model, now) {
      const entries = [...(models.get(model)?.values() ?? [])]
      for (const entry of entries) {
        if (entry.count > entry.read) entry.lastSeen = now
        entry.read = entry.count
      }
      return entries
        .map(({ caller, count, lastSeen }) => ({ caller, count, lastSeen }))
        .sort((a, b) => b.lastSeen - a.lastSeen || b.count - a.count)
    },
  }
}

/** Lets go of the one that was seen longest ago, among them the one that asked least. */
function forgetOne(callers: Map<string, Entry>): void {
  // What came since the last reading was seen last.
  const seenAt = ({ count, read, lastSeen }: Entry): number => (count > read ? Number.POSITIVE_INFINITY : lastSeen)
  let oldest: Entry | undefined
  for (const entry of callers.values()) {
    if (oldest === undefined || seenAt(entry) < seenAt(oldest)) oldest = entry
    else if (seenAt(entry) === seenAt(oldest) && entry.count < oldest.count) oldest = entry
  }
  if (oldest === undefined) return
  oldest.isForgotten = true
  callers.delete(oldest.caller)
}

/** The name that a client gives itself, or that of its user agent without its version; undefined of a load test, and of one without a name. */
function callerIn(headers: IncomingHttpHeaders): string | undefined {
  if (headers[LOAD_TEST_HEADER] !== undefined) return undefined
  const given = headers[CLIENT_HEADER]
  const name = typeof given === 'string' ? given.trim() : headers['user-agent']?.split(/[\s/(]/, 1)[0]
  return name === undefined || name === '' ? undefined : name.slice(0, LONGEST)
}
