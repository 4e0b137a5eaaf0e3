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

/**
 * The largest multiple of `step` at or below `time`, both whole and below 2^53. The quotient is rounded, but never up to a
 * whole number: it lies 1 / step below the next one, which is more than half of its last bit.
 */
export function floorTo(time: number, step: number): number {
  return Math.floor(time / step) * step
}
