/** What one window says: `bad` and `good` are judgements, `unknown` is too little data to judge. */
export type WindowVerdict = 'bad' | 'good' | 'unknown'

export interface PersistencePolicy {
  /** Opens once `bad` of the last `of` judged windows were bad. */
  readonly bad: number
  readonly of: number
  /** Closes once this many judged windows in a row were good. */
  readonly good: number
}

/** Whether a condition holds, told from a sequence of windows: slow to open and slower to close. */
export interface Persistence {
  readonly open: boolean
  /** Takes the next window's verdict; says whether this opened or closed the condition. */
  push(verdict: WindowVerdict): 'opened' | 'closed' | 'unchanged'
}

/**
 * A condition that opens when `policy.bad` of the last `policy.of` judged windows were bad, and closes after
 * `policy.good` good ones in a row. Windows that could not be judged neither open nor close it.
 * @param open whether the condition holds at the start, after a restart
 */
export function persistence(policy: PersistencePolicy, open = false): Persistence {
  let state = open
  let recent: ('bad' | 'good')[] = []
  const kept = Math.max(policy.of, policy.good)
  return {
    get open() {
      return state
    },
    push(verdict) {
      if (verdict === 'unknown') return 'unchanged'
      recent = [...recent, verdict].slice(-kept)
      const bad = recent.slice(-policy.of).filter((seen) => seen === 'bad').length
      const last = recent.slice(-policy.good)
      const good = last.length === policy.good && !last.includes('bad')
      if (!state && verdict === 'bad' && bad >= policy.bad) {
        state = true
        return 'opened'
      }
      if (state && good) {
        state = false
        return 'closed'
      }
      return 'unchanged'
    },
  }
}
