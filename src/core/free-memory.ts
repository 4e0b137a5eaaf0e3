/** Less is left to the garbage collector. */
const LEAST = 2 ** 14

/**
 * Gives the memory of bytes back at once, where they fill a buffer of their own that is worth it; whoever looks at them afterwards
 * finds none. The garbage collector sees what lies outside its heap only in its great rounds, and begins one, which holds up
 * everybody for some milliseconds, whenever tens of megabytes of it have come up.
 */
export function freeMemory({ buffer, byteLength }: ArrayBufferView): void {
  if (byteLength < LEAST || byteLength !== buffer.byteLength) return
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
