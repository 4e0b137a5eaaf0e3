import { type CalendarUnit, calendarUnits } from '../../core/calendar-unit.ts'
import { type Duration, formatDuration, formatTime, parseDuration, parseTime } from '../../core/time.ts'
import { longestUnit, startOf } from '../../core/zones/start-of.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'
import type { Mistakes } from './mistakes.ts'

/** Which rows an aggregate sees at time t: see docs/semantics.md, "Windows". Times and durations in microseconds. */
export type Window = WindowShape & {
  /** The window is that of t less this; no delay when absent. */
  readonly delay?: number
}

type WindowShape =
  | { readonly kind: 'exact'; readonly length: number }
  | { readonly kind: 'hop'; readonly length: number; readonly hop: number }
  | { readonly kind: 'lifetime' }
  /** All rows from a moment on. */
  | { readonly kind: 'since'; readonly from: number }
  /** From the beginning of the hour, day, week, month, quarter or year around t on the wall clock of a zone. */
  | { readonly kind: 'calendar'; readonly unit: CalendarUnit; readonly zone: string }
  /** Back from t until a pause longer than the gap, and no further than `maximum` before t. */
  | { readonly kind: 'session'; readonly gap: number; readonly maximum: number }
  /** The last rows before t, none of them further back than `within`. */
  | { readonly kind: 'rows'; readonly rows: number; readonly within: number }

/** Windows that are more than a length, as a user writes them. */
export type WindowOptions = (
  | { readonly since: string }
  | { readonly calendar: CalendarUnit; readonly zone?: string }
  | { readonly session: Duration; readonly maximum: Duration }
  | { readonly rows: number; readonly within: Duration }
) &
  DelayOption

export interface DelayOption {
  /** The window is that of t less this: the newest rows are left out. */
  readonly delay?: Duration
}

export interface HopOption extends DelayOption {
  /** The beginning of the window is rounded down to a multiple of this. */
  readonly hop?: Duration
}

/** The options of each kind of window, by the one that says its kind. */
const knownOf = {
  since: { since: true, delay: true },
  calendar: { calendar: true, zone: true, delay: true },
  session: { session: true, maximum: true, delay: true },
  rows: { rows: true, within: true, delay: true },
} as const

const allKnown: OptionsOf<WindowOptions> = {
  ...knownOf.since,
  ...knownOf.calendar,
  ...knownOf.session,
  ...knownOf.rows,
}

/**
 * The window that a user wrote, as plain data.
 * @throws TruelineError `invalid_duration`, `invalid_timestamp`, `definition_invalid` for an option that there is not
 */
export function windowOf(window: Duration | 'lifetime' | WindowOptions, options: HopOption = {}): Window {
  const { hop, delay } = options
  if (typeof window === 'object') return { ...shapeOf(window), ...delayed(window.delay) }
  if (window === 'lifetime') {
    checkOptions<DelayOption>('a lifetime', options, { delay: true })
    return { kind: 'lifetime', ...delayed(delay) }
  }
  checkOptions('a window', options, { hop: true, delay: true })
  const length = parseDuration(window, 'a window')
  if (hop === undefined) return { kind: 'exact', length, ...delayed(delay) }
  return { kind: 'hop', length, hop: parseDuration(hop, 'a window, hop'), ...delayed(delay) }
}

function shapeOf(window: WindowOptions): WindowShape {
  const kind = Object.keys(knownOf).find((name) => name in window) as keyof typeof knownOf | undefined
  if (kind === undefined) checkOptions('a window', window, allKnown)
  else checkOptions<object>(`a ${kind} window`, window, knownOf[kind])
  if ('since' in window) return { kind: 'since', from: parseTime(window.since) }
  if ('calendar' in window) return { kind: 'calendar', unit: window.calendar, zone: window.zone ?? 'UTC' }
  if ('session' in window)
    return {
      kind: 'session',
      gap: parseDuration(window.session, 'a window, session'),
      maximum: parseDuration(window.maximum, 'a window, maximum'),
    }
  return { kind: 'rows', rows: window.rows, within: parseDuration(window.within, 'a window, within') }
}

function delayed(delay: Duration | undefined): { readonly delay?: number } {
  return delay === undefined ? {} : { delay: parseDuration(delay, 'a window, delay') }
}

/** How far back from t the longest of some windows reaches: a hop may lengthen a window by almost itself. */
export function longest(windows: readonly Window[]): number | 'lifetime' {
  const reaches = windows.map((window) => lengthOf(window) + (window.delay ?? 0))
  const reach = Math.max(0, ...reaches)
  return reach === Number.POSITIVE_INFINITY ? 'lifetime' : reach
}

function lengthOf(window: Window): number {
  switch (window.kind) {
    case 'exact':
      return window.length
    case 'hop':
      return window.length + window.hop
    case 'lifetime':
    case 'since':
      return Number.POSITIVE_INFINITY
    case 'calendar':
      return longestUnit(window.unit)
    case 'session':
      return window.maximum
    case 'rows':
      return window.within
  }
}

/** A window in words. */
export function windowWords(window: Window): string {
  const words = shapeWords(window)
  return window.delay === undefined ? words : `${words}, as of ${formatDuration(window.delay)} before`
}

function shapeWords(window: Window): string {
  switch (window.kind) {
    case 'exact':
      return `over the last ${formatDuration(window.length)}`
    case 'hop':
      return `over the last ${formatDuration(window.length)}, moved on every ${formatDuration(window.hop)}`
    case 'lifetime':
      return 'over all time'
    case 'since':
      return `since ${formatTime(window.from)}`
    case 'calendar':
      return `since the ${window.unit} began in ${window.zone}`
    case 'session': {
      const { gap, maximum } = window
      return `over the session (pauses up to ${formatDuration(gap)}, at most ${formatDuration(maximum)})`
    }
    case 'rows':
      return `over the last ${window.rows} rows of ${formatDuration(window.within)}`
  }
}

/** Checks that a window can hold rows, and means what it says. */
export function checkWindow(window: Window, place: string, mistakes: Mistakes): void {
  const report = (message: string, remedy?: string): void => mistakes.add('definition_invalid', place, message, remedy)
  if (window.delay !== undefined && !(window.delay > 0)) report('A delay must be longer than 0.', 'Leave it out.')
  switch (window.kind) {
    case 'exact':
    case 'hop':
      if (!(window.length > 0)) report('A window must be longer than 0.')
      if (window.kind === 'exact') return
      if (!(window.hop > 0)) report('A hop must be longer than 0.')
      else if (window.length % window.hop !== 0)
        report(
          `The hop of ${formatDuration(window.hop)} does not divide the window of ${formatDuration(window.length)}.`,
          'Use a hop that goes into the window a whole number of times.',
        )
      return
    case 'lifetime':
    case 'since':
      return
    case 'calendar':
      if (!calendarUnits.includes(window.unit))
        report(`'${window.unit}' is no unit of the calendar.`, `Use one of ${calendarUnits.join(', ')}.`)
      else mistakes.attempt(place, () => startOf(window.unit, window.zone))
      return
    case 'session':
      if (!(window.gap > 0)) report('The longest pause of a session must be longer than 0.')
      if (!(window.maximum >= window.gap))
        report(
          'The longest session is shorter than a pause in it.',
          "Give a longer `maximum`: { session: '30m', maximum: '6h' }.",
        )
      return
    case 'rows':
      if (!(Number.isSafeInteger(window.rows) && window.rows > 0 && window.rows <= MOST_ROWS))
        report(`${window.rows} is not a number of rows.`, `Use a whole number from 1 to ${MOST_ROWS}.`)
      if (!(window.within > 0)) report('The last rows must lie within a time longer than 0.')
      return
  }
}

/** More rows than these are a time, not a number. */
const MOST_ROWS = 100_000
