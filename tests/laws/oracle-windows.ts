import type { Window } from '../../src/language/define/definitions.ts'
import type { LawEvent } from './oracle.ts'

/** The rows of a window at t, of an entity's rows before t in the order of events. */
export function rowsIn(window: Window, past: readonly LawEvent[], t: number): readonly LawEvent[] {
  switch (window.kind) {
    case 'lifetime':
      return past
    case 'exact':
      return past.filter((event) => event.eventTime >= t - window.length)
    case 'hop': {
      const from = t - window.length
      const start = from - (((from % window.hop) + window.hop) % window.hop)
      return past.filter((event) => event.eventTime >= start)
    }
  }
}
