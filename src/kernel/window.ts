import type { Window } from '../language/define/definitions.ts'

/**
 * Where a window begins at time t: it holds the rows with an event time in [lower bound, t). All microseconds.
 * -Infinity for a lifetime.
 */
export function lowerBound(window: Window, time: number): number {
  switch (window.kind) {
    case 'exact':
      return time - window.length
    case 'hop':
      return floorTo(time - window.length, window.hop)
    case 'lifetime':
      return Number.NEGATIVE_INFINITY
  }
}

/** The farthest that a window can reach back from t; Infinity for a lifetime. */
export function reachOf(window: Window): number {
  switch (window.kind) {
    case 'exact':
      return window.length
    case 'hop':
      return window.length + window.hop - 1
    case 'lifetime':
      return Number.POSITIVE_INFINITY
  }
}

/** The largest multiple of `step` at or below `time`; exact, though the quotient is rounded. */
export function floorTo(time: number, step: number): number {
  const floored = Math.floor(time / step) * step
  if (floored > time) return floored - step
  return time - floored >= step ? floored + step : floored
}
