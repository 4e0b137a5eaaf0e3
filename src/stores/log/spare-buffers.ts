import { freeMemory } from '../../core/free-memory.ts'

/** Buffers that are used again: fresh ones would have the system clear their pages, which takes a millisecond a megabyte. */
export interface SpareBuffers {
  /**
   * A buffer with whatever is in it.
   * @param bytes the least size; it is rounded up to a power of two
   */
  take(bytes: number): ArrayBuffer
  /** Takes back a buffer that nobody uses any more. */
  give(buffer: ArrayBuffer): void
}

const SMALLEST = 1024

/** @param limit most bytes that are kept; what is given back beyond is freed */
export function createSpareBuffers(limit: number): SpareBuffers {
  const bySize = new Map<number, ArrayBuffer[]>()
  let kept = 0
  return {
    take(bytes) {
      const size = Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(bytes)))
      const spare = bySize.get(size)?.pop()
      if (spare === undefined) return new ArrayBuffer(size)
      kept -= size
      return spare
    },
    give(buffer) {
      const size = buffer.byteLength
      if (size < SMALLEST) return
      if (kept + size > limit) {
        freeMemory(new Uint8Array(buffer))
        return
      }
      const others = bySize.get(size)
      if (others === undefined) bySize.set(size, [buffer])
      else others.push(buffer)
      kept += size
    },
  }
}
