import { useSyncExternalStore } from 'react'

/**
 * The time that all strips read at. Kept outside React's state, because it moves with the pointer and only the readouts
 * follow it.
 */
export interface Cursor {
  /** Microseconds; undefined where nothing is pointed at: strips then read their latest point. */
  time(): number | undefined
  /** The time that is held, also while the pointer is elsewhere. */
  held(): number | undefined
  /** Points at a time for as long as the pointer or the keyboard stays. */
  pointAt(time: number | undefined): void
  /** Holds a time also after the pointer has left. */
  hold(time: number | undefined): void
  subscribe(listener: () => void): () => void
}

export function createCursor(): Cursor {
  let pointed: number | undefined
  let held: number | undefined
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  return {
    time: () => pointed ?? held,
    held: () => held,
    pointAt(time) {
      pointed = time
      tell()
    },
    hold(time) {
      held = time
      tell()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The time under the cursor, current at every render. */
export function useCursorTime(cursor: Cursor): number | undefined {
  return useSyncExternalStore(cursor.subscribe, cursor.time)
}
