import process from 'node:process'
import { setFlagsFromString } from 'node:v8'

/** Percent of what lives that may come on top of it before the next great round of collection. */
const MOST = 200
const LEAST = 30
/** Bytes that may come on top, between these bounds. */
const ROOM = 256 * 2 ** 20

/**
 * Lets the heaps of this process grow up to three times what lives in them between two great rounds of garbage collection, each of which
 * holds up the event loop for five milliseconds or more. Left alone, V8 lets a heap that grew slowly for a while grow by a third: that
 * is less than the room that it keeps for new objects, so that it begins a round as soon as one has ended. And it begins one whenever
 * 64 MB of buffers came up, which the body of one large request does; counted with the heap, they have the same room as it has.
 */
export function letHeapGrow(): void {
  const { heapUsed, external } = process.memoryUsage()
  setFlagsFromString(`--heap-growing-percent=${growthOf(heapUsed + external)}`)
  setFlagsFromString('--external-memory-accounted-in-global-limit')
}

/** Percent that may come on top of so many bytes: the more there is, the less is let come in proportion. */
export function growthOf(bytes: number): number {
  return Math.round(Math.min(MOST, Math.max(LEAST, (100 * ROOM) / bytes)))
}
