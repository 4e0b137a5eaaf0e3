import { forestKernel } from './forest-kernel.generated.ts'
import { type WasmMemory, webAssembly } from './web-assembly.ts'

/** What assembly/forest-kernel.ts exports. */
interface KernelExports {
  writeKeys(slots: number, count: number): void
  sumHeaps(depths: number, groups: number, first: number, start: number): number
  addHeaps(stride: number, rows: number, depths: number, groups: number, first: number, sums: number): void
  findLeaves(slots: number, roots: number, trees: number, leaves: number): void
  sumLeaves32(leaves: number, trees: number, sum: number): number
  sumLeaves64(leaves: number, trees: number, sum: number): number
  addBinned(bins: number, first: number, trees: number, places: number, sums: number): void
  writeBins(values: number, stride: number, rows: number, cuts: number, left: number, right: number, step: number): void
}

/**
 * The compiled walks of forests and the memory that all forests of a thread share. The memory grows when it is full and
 * never shrinks, but what is released is used again: loading and unloading forests does not make it grow.
 */
export interface Kernel extends KernelExports {
  /** Views of the memory. Growing replaces them: keep addresses, not views. */
  float32: Float32Array
  float64: Float64Array
  uint32: Uint32Array
  uint8: Uint8Array
  /** Takes memory, or undefined when there is not enough. It is released when the block is let go, or before. */
  take(bytes: number): MemoryBlock | undefined
  release(block: MemoryBlock): void
}

/** A piece of a kernel's memory, whose address is a multiple of 16. */
export interface MemoryBlock {
  readonly address: number
  readonly bytes: number
}

const PAGE = 65_536
/** 2 GiB: what a forest takes beyond it is scored without the kernel. */
const MOST_PAGES = 32_768
const ALIGNMENT = 16

let shared: Kernel | undefined
let isUnsupported = false

/** The kernel of this thread, or undefined where the processor lacks what it needs. */
export function threadKernel(): Kernel | undefined {
  if (shared !== undefined || isUnsupported) return shared
  const bytes = Uint8Array.from(Buffer.from(forestKernel, 'base64'))
  isUnsupported = !webAssembly.validate(bytes)
  if (!isUnsupported) shared = createKernel(bytes)
  return shared
}

function createKernel(bytes: Uint8Array<ArrayBuffer>): Kernel {
  const memory = new webAssembly.Memory({ initial: 1, maximum: MOST_PAGES })
  const instance = new webAssembly.Instance(new webAssembly.Module(bytes), { env: { memory } })
  const views = () => ({
    float32: new Float32Array(memory.buffer),
    float64: new Float64Array(memory.buffer),
    uint32: new Uint32Array(memory.buffer),
    uint8: new Uint8Array(memory.buffer),
  })
  const free = createFreeList()
  /** What is known of blocks that nobody holds any more. */
  const lost = new FinalizationRegistry<MemoryBlock>((block) => free.add(block))
  const kernel: Kernel = {
    ...(instance.exports as KernelExports),
    ...views(),
    take(wanted) {
      const size = Math.ceil(Math.max(wanted, 1) / ALIGNMENT) * ALIGNMENT
      let found = free.take(size)
      if (found === undefined) {
        const pages = Math.ceil((size - free.atEnd(memory.buffer.byteLength)) / PAGE)
        const before = memory.buffer.byteLength
        if (before / PAGE + pages > MOST_PAGES || !grow(memory, pages)) return undefined
        Object.assign(kernel, views())
        free.add({ address: before, bytes: pages * PAGE })
        found = free.take(size)!
      }
      const block = { ...found }
      lost.register(block, found, block)
      return block
    },
    release(block) {
      // A block that was released before is not registered any more.
      if (lost.unregister(block)) free.add({ ...block })
    },
  }
  return kernel
}

function grow(memory: WasmMemory, pages: number): boolean {
  try {
    memory.grow(pages)
    return true
  } catch (error) {
    // The system has no memory left: the forest is scored without the kernel.
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Free pieces of a memory in the order of their addresses; neighbours are one piece. */
function createFreeList() {
  // Address 0 is nobody's.
  const pieces: { address: number; bytes: number }[] = [{ address: ALIGNMENT, bytes: PAGE - ALIGNMENT }]
  return {
    /** Takes from the first piece that is large enough. */
    take(wanted: number): MemoryBlock | undefined {
      const place = pieces.findIndex((piece) => piece.bytes >= wanted)
      const piece = pieces[place]
      if (piece === undefined) return undefined
      const taken = { address: piece.address, bytes: wanted }
      if (piece.bytes === wanted) pieces.splice(place, 1)
      else pieces[place] = { address: piece.address + wanted, bytes: piece.bytes - wanted }
      return taken
    },
    add(block: MemoryBlock): void {
      const next = pieces.findIndex(({ address }) => address > block.address)
      const place = next === -1 ? pieces.length : next
      pieces.splice(place, 0, { ...block })
      for (const left of [place, place - 1]) {
        const piece = pieces[left]
        const right = pieces[left + 1]
        if (piece === undefined || right === undefined || piece.address + piece.bytes !== right.address) continue
        pieces.splice(left, 2, { address: piece.address, bytes: piece.bytes + right.bytes })
      }
    },
    /** Bytes that are free at the end of the memory. */
    atEnd(size: number): number {
      const last = pieces.at(-1)
      return last !== undefined && last.address + last.bytes === size ? last.bytes : 0
    },
  }
}
