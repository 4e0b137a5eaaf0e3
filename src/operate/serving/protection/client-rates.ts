import { SECOND } from '../../../core/time.ts'
import type { RateDefinition } from '../../../language/define/limits-definition.ts'

/** How fast each client asks. */
export interface ClientRates {
  /**
   * Takes a token of a client.
   * @param now microseconds of a monotonic clock
   * @returns 0, or how many microseconds from now the next token is there
   */
  take(client: string, now: number): number
  /** Clients that are told apart right now. */
  readonly known: number
}

/** All clients beyond those that are told apart, and those whose names would fill the memory. */
const OTHERS = ''
const LONGEST_NAME = 256

/**
 * Token buckets in bounded memory. A bucket is one number, the time at which it will be full again (the generic cell rate
 * algorithm, ITU-T I.371). One that is full says no more than none at all, so buckets live in two generations: whoever did
 * not ask during a whole one has a full bucket and is forgotten with it.
 */
export function createClientRates({ requests, per, burst, clients }: RateDefinition): ClientRates {
  const interval = per / requests
  const tolerance = interval * (burst - 1)
  const generation = Math.max(SECOND, interval * burst)
  let current = new Map<string, number>()
  let previous = new Map<string, number>()
  let began = Number.NEGATIVE_INFINITY

  function turn(now: number): void {
    if (now - began < generation) return
    previous = now - began < 2 * generation ? current : new Map()
    current = new Map()
    began = now
  }

  return {
    get known() {
      return current.size + previous.size
    },
    take(client, now) {
      turn(now)
      const isCrowded = current.size >= clients && !current.has(client)
      const name = isCrowded || client.length > LONGEST_NAME ? OTHERS : client
      const full = current.get(name) ?? previous.get(name)
      const from = full === undefined || full < now ? now : full
      const wait = from - now - tolerance
      if (wait > 0) {
        current.set(name, from)
        return wait
      }
      current.set(name, from + interval)
      return 0
    },
  }
}
