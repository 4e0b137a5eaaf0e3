/** Where all code reads time. Times are whole microseconds since the Unix epoch. */
export interface Clock {
  /** The platform's time in microseconds; virtual in a rehearsal. */
  now(): number
  /** Real, monotonic microseconds since some start: for latencies, never for data. */
  elapsed(): number
}

/** The machine's clock. `now` never falls, even when the machine's clock is set back. */
export function systemClock(): Clock {
  let last = 0
  return {
    now() {
      last = Math.max(last, Date.now() * 1000)
      return last
    },
    elapsed: realElapsed,
  }
}

/** A clock that moves only when it is told to. */
export interface VirtualClock extends Clock {
  /** Moves to `time` (microseconds); never back. */
  advanceTo(time: number): void
  /** From here on the clock runs at real speed. */
  release(): void
}

/** A virtual clock that stands at `start` (microseconds) until it is moved or released. */
export function virtualClock(start: number): VirtualClock {
  let time = start
  let releasedAt: number | undefined
  return {
    now: () => (releasedAt === undefined ? time : time + Math.floor(realElapsed() - releasedAt)),
    elapsed: realElapsed,
    advanceTo(next) {
      if (releasedAt === undefined && next > time) time = next
    },
    release() {
      releasedAt ??= realElapsed()
    },
  }
}

function realElapsed(): number {
  return performance.now() * 1000
}
