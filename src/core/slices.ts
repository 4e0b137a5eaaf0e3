import type { Clock } from './clock.ts'

/** One long piece of work on the event loop, done in slices. */
export interface SlicedWork {
  /** Whether the slice has taken its time: whoever works awaits `next` then. */
  isOver(): boolean
  /** Resolves when this work may go on, in a later turn of the event loop. */
  next(): Promise<void>
}

/** Shares the event loop among long pieces of work and everything else. */
export interface Slices {
  begin(): SlicedWork
}

/** Length of a slice, microseconds. */
const SLICE = 1500

/**
 * However many pieces of work there are, one of them does one slice in a turn of the event loop, each when its turn has
 * come; so what is quick never waits for more than a slice.
 */
export function createSlices(clock: Pick<Clock, 'elapsed'>): Slices {
  const waiting: (() => void)[] = []

  function turn(): void {
    waiting.shift()?.()
    if (waiting.length > 0) setImmediate(turn)
  }

  return {
    begin() {
      let end = clock.elapsed() + SLICE
      return {
        isOver: () => clock.elapsed() >= end,
        async next() {
          await new Promise<void>((resolve) => {
            if (waiting.push(resolve) === 1) setImmediate(turn)
          })
          end = clock.elapsed() + SLICE
        },
      }
    },
  }
}
