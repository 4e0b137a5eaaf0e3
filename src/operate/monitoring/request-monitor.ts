import { MINUTE } from '../../core/time.ts'
import type { AlertDesk } from './alert-desk.ts'
import type { Wording } from './alert-wording.ts'
import { Conditions } from './conditions.ts'
import { countWords } from './words.ts'

/** Requests for predictions that got none, since the start. */
export interface LostRequests {
  /** Refused because too many waited. */
  readonly shed: number
  /** Whose deadline was over before their turn. */
  readonly deadlineExceeded: number
}

/** Watches that requests get their predictions. */
export interface RequestMonitor {
  /** Judges the minutes that are over at `now` (microseconds); raises and resolves alerts. */
  advance(now: number): Promise<void>
}

/** What alerts about the server as a whole are filed under. */
const SUBJECT = 'serving'

/** @param lost is read at each call */
export function createRequestMonitor(desk: AlertDesk, lost: LostRequests, now: number): RequestMonitor {
  const conditions = new Conditions(SUBJECT, desk, false)
  let minute = Math.floor(now / MINUTE)
  let told = { ...lost }
  return {
    async advance(at) {
      const present = Math.floor(at / MINUTE)
      if (present === minute) return
      const from = minute * MINUTE
      minute = present
      const shed = lost.shed - told.shed
      const late = lost.deadlineExceeded - told.deadlineExceeded
      told = { ...lost }
      const verdict = shed + late > 0 ? 'bad' : 'good'
      const describe = () => wording(shed, late, from)
      await conditions.take({ kind: 'requests_lost', verdict, from, describe })?.()
    },
  }
}

function wording(shed: number, late: number, from: number): Wording {
  const how = [
    ...(shed === 0 ? [] : [`${countWords(shed)} were refused because too many waited`]),
    ...(late === 0 ? [] : [`${countWords(late)} came too late`]),
  ]
  return {
    title: `${countWords(shed + late)} requests got no prediction within a minute: ${how.join(', ')}.`,
    evidence: { from },
    effect: { shed, late },
    n: shed + late,
  }
}
