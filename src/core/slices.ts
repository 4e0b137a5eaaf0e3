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

/** Work that may be left off at each yield, and be gone on with later. */
export type Steps<Result> = Generator<void, Result, void>

/** Elements of a long list that are worked on from one yield to the next. */
export const ELEMENTS_OF_STEP = 2048

/** Does all steps at once. */
export function allAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Does steps in slices, from a later turn of the event loop on. */
export async function inSlices<Result>(steps: Steps<Result>, slices: Slices): Promise<Result> {
  const work = slices.begin()
  for (;;) {
    await work.next()
    do {
      const step = steps.next()
      if (step.done === true) return step.value
    } while (!work.isOver())
  }
}

/** Does steps at once for as long as one slice lasts, and what is left then in slices. */
export function atOnceOrInSlices<Result>(steps: Steps<Result>, slices: Slices): Result | Promise<Result> {
  const work = slices.begin()
  do {
    const step = steps.next()
    if (step.done === true) return step.value
  } while (!work.isOver())
  return inSlices(steps, slices)
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
