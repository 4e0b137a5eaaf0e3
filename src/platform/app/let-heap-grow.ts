import { setFlagsFromString } from 'node:v8'

/** Percent of what lives in a heap that may come on top of it before the next great round of collection. */
const GROWTH = 200

/**
 * Lets the heaps of this process grow to three times what lives in them between two great rounds of garbage collection, each of which
 * holds up the event loop for five milliseconds or more. Left alone, V8 lets a heap that grew slowly for a while grow by a third: that
 * is less than the room that it keeps for new objects, so that it begins a round as soon as one has ended. And it begins one whenever
 * 64 MB of buffers came up, which the body of one large request does; counted with the heap, they have the same room as it has.
 */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`)
  setFlagsFromString('--external-memory-accounted-in-global-limit')
}
