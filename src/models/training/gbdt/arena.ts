import { type SharedWasmMemory, webAssembly } from '../../inference/web-assembly.ts'

/** Arrays in shared memory. */
export interface Arena {
  uint8(length: number): Uint8Array
  int32(length: number): Int32Array
  uint32(length: number): Uint32Array
  float32(length: number): Float32Array
  float64(length: number): Float64Array
}

const PAGE = 65_536
/** 4 GiB less a page: addresses are 32 bits. */
const MOST_PAGES = 65_535
/** A line of the nearest cache: no array begins in the middle of one. */
const ALIGNMENT = 64

type Place = (bytes: number) => { readonly buffer: SharedArrayBuffer; readonly at: number }

/** An arena whose arrays have buffers of their own. */
export function scatteredArena(): Arena {
  return arenaOf((bytes) => ({ buffer: new SharedArrayBuffer(bytes), at: 0 }))
}

/**
 * Lays out arrays in one memory that compiled code can reach.
 * @param layOut takes them; it is called twice, to learn how much there is, and to take it
 * @returns undefined where there is no such memory, or not enough
 */
export function layOutCompiled<Arrays>(
  layOut: (arena: Arena) => Arrays,
): { readonly arrays: Arrays; readonly memory: SharedWasmMemory } | undefined {
  let bytes = PAGE
  const none = new SharedArrayBuffer(0)
  const take = (wanted: number): number => {
    const at = bytes
    bytes += Math.ceil(wanted / ALIGNMENT) * ALIGNMENT
    return at
  }
  layOut(
    arenaOf((wanted) => {
      take(wanted)
      return { buffer: none, at: 0 }
    }, true),
  )
  const pages = Math.ceil(bytes / PAGE)
  const memory = pages > MOST_PAGES ? undefined : sharedMemory(pages)
  if (memory === undefined) return undefined
  bytes = PAGE
  return { arrays: layOut(arenaOf((wanted) => ({ buffer: memory.buffer, at: take(wanted) }))), memory }
}

function sharedMemory(pages: number): SharedWasmMemory | undefined {
  try {
    return new webAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined
    throw thrown
  }
}

/** @param empty arrays have no elements: only how many were asked for counts */
function arenaOf(place: Place, empty = false): Arena {
  const array = <Made>(
    length: number,
    size: number,
    Type: new (buffer: SharedArrayBuffer, at: number, length: number) => Made,
  ): Made => {
    const { buffer, at } = place(length * size)
    return new Type(buffer, at, empty ? 0 : length)
  }
  return {
    uint8: (length) => array(length, 1, Uint8Array),
    int32: (length) => array(length, 4, Int32Array),
    uint32: (length) => array(length, 4, Uint32Array),
    float32: (length) => array(length, 4, Float32Array),
    float64: (length) => array(length, 8, Float64Array),
  }
}
