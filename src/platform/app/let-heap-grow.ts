import { setFlagsFromString } from 'node:v8'

/** Percent of what lives in a heap that may come on top of it before the next great round of collection. */
const GROWTH = 200

/**
 * Lets the heaps of this process grow to three times what lives in them between two great rounds of garbage collection, each of which
 * holds up the event loop for five milliseconds or more. Left alone, V8 lets a heap that grew slowly for a while grow by a third: that
 * is less than the room that it keeps for new objects, so that it begins a round as soon as one has ended.
 */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`)
}
