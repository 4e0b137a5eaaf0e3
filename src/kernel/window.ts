import { startOf } from '../core/zones/start-of.ts'
import type { Window } from '../language/define/window.ts'
import { longest } from '../language/define/window.ts'

/** Where a window ends at time t: the rows before it are in sight. Microseconds. */
export function endOf({ delay = 0 }: Window, time: number): number {
  return time - delay
}

/**
 * Where a window begins at time t: it holds rows with an event time in [lower bound, end). For a session and for the last
 * rows not all of them: see `isBeyond`. All microseconds; -Infinity for a lifetime.
 */
export function lowerBound(window: Window, time: number): number {
  const end = endOf(window, time)
  switch (window.kind) {
    case 'exact':
      return end - window.length
    case 'hop':
      return floorTo(end - window.length, window.hop)
    case 'lifetime':
      return Number.NEGATIVE_INFINITY
    case 'since':
      return window.from
    case 'calendar':
      return startOf(window.unit, window.zone)(end)
    case 'session':
      return end - window.maximum
    case 'rows':
      return end - window.within
  }
}

/** The same as a function of the window's end, made once for many. */
export function beginOf(window: Window): (end: number) => number {
  if (window.kind === 'calendar') return startOf(window.unit, window.zone)
  const { delay = 0 } = window
  return (end) => lowerBound(window, end + delay)
}

/**
 * Whether a row between a window's bounds is none of it all the same, and so are all before it.
 * @param later rows of the same entity after it in the window
 * @param next event time of the row after it, or the window's end
 */
export function isBeyond(window: Window, time: number, next: number, later: number): boolean {
  if (window.kind === 'rows') return later >= window.rows
  return window.kind === 'session' && next - time > window.gap
}

/**
 * How far back from t rows must be held for a window, in microseconds: what it reaches, or for a lifetime its delay, since
 * what it needs of earlier rows is sealed.
 */
export function heldReach(window: Window): number {
  const { kind, delay = 0 } = window
  if (kind === 'lifetime') return delay
  if (kind === 'hop') return delay + window.length + window.hop - 1
  const reach = longest([window])
  return reach === 'lifetime' ? Number.POSITIVE_INFINITY : reach
}

/**
 * The largest multiple of `step` at or below `time`, both whole and below 2^53. The quotient is rounded, but never up to a
 * whole number: it lies 1 / step below the next one, which is more than half of its last bit.
 */
export function floorTo(time: number, step: number): number {
  return Math.floor(time / step) * step
}
