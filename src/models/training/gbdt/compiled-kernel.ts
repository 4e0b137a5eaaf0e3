import { type SharedWasmMemory, webAssembly } from '../../inference/web-assembly.ts'
import { STEPS, WIDEST } from './probability-table.ts'
import { compiledRowKernel } from './row-kernel.generated.ts'
import type { KernelRows, RowKernel, SplitRows } from './row-kernel.ts'

type Add = (records: number, stride: number, order: number, count: number, derivatives: number, scratch: number) => void

/** What assembly/row-kernel.ts exports; besides, for each number of words, `addWords1` to `addWords12`. */
interface KernelExports {
  fetchRows(records: number, stride: number, order: number, count: number, from: number, to: number): number
  partRows(
    ...split: [
      order: number,
      count: number,
      bins: number,
      missingRight: number,
      leftBins: number,
      left: number,
      right: number,
    ]
  ): number
  addLeaves(
    ...split: [
      order: number,
      count: number,
      bins: number,
      missingRight: number,
      leftBins: number,
      left: number,
      right: number,
      margins: number,
    ]
  ): void
  partMembers(order: number, count: number, bins: number, members: number, left: number, right: number): number
  addMemberLeaves(
    ...split: [
      order: number,
      count: number,
      bins: number,
      members: number,
      left: number,
      right: number,
      margins: number,
    ]
  ): void
  copyBytes(to: number, from: number, bytes: number): void
  logLossGradients(
    margins: number,
    labels: number,
    weights: number,
    derivatives: number,
    table: number,
    from: number,
    to: number,
    seed: number,
    widest: number,
    steps: number,
    shift: number,
    scale: number,
    hessianScale: number,
  ): void
}

/** The kernel of assembly/row-kernel.ts over arrays in its memory. */
export function compiledKernel(memory: SharedWasmMemory): RowKernel {
  const module = new webAssembly.Module(Uint8Array.from(Buffer.from(compiledRowKernel, 'base64')))
  const instance = new webAssembly.Instance(module, { env: { memory } })
  const exported = instance.exports as KernelExports & Readonly<Record<`addWords${number}`, Add>>
  return {
    addRows(rows, offset, words, packed) {
      const { stride, order, from, count, derivatives, first } = rows
      const at = order.byteOffset + 4 * from
      const add = exported[`addWords${words}`] as Add
      add(recordsAt(rows, offset), 4 * stride, at, count, derivatives.byteOffset + 8 * first, packed.byteOffset)
    },
    fetchRows(rows, offset, all) {
      const { stride, order, from, count, derivatives } = rows
      const at = order.byteOffset + 4 * from
      exported.fetchRows(recordsAt(rows, offset), 4 * stride, at, count, all.byteOffset, derivatives.byteOffset)
    },
    partRows: (rows, left, right) =>
      rows.member < 0
        ? exported.partRows(...splitAt(rows), left.byteOffset, right.byteOffset)
        : exported.partMembers(...membersAt(rows), left.byteOffset, right.byteOffset),
    addLeaves: (rows, left, right, margins) =>
      rows.member < 0
        ? exported.addLeaves(...splitAt(rows), left, right, margins.byteOffset)
        : exported.addMemberLeaves(...membersAt(rows), left, right, margins.byteOffset),
    logLossGradients({ rows, table, derivatives, from, to, seed, packing, scale }) {
      const { margins, labels, weights } = rows
      exported.logLossGradients(
        margins.byteOffset,
        labels.byteOffset,
        weights.length === 0 ? 0 : weights.byteOffset,
        derivatives.byteOffset,
        table.byteOffset,
        ...([from, to, seed, WIDEST, STEPS] as const),
        ...([packing.shift, scale, packing.hessianScale] as const),
      )
    },
    copy: (from, count, to, at) => exported.copyBytes(to.byteOffset + 4 * at, from.byteOffset, 4 * count),
  }
}

function splitAt({ order, from, to, bins, column, missingRight, leftBins }: SplitRows) {
  return [order.byteOffset + 4 * from, to - from, bins.byteOffset + column, missingRight, leftBins] as const
}

function membersAt({ order, from, to, bins, column, members, member }: SplitRows) {
  return [order.byteOffset + 4 * from, to - from, bins.byteOffset + column, members.byteOffset + member] as const
}

function recordsAt({ records }: KernelRows, offset: number): number {
  return records.byteOffset + 4 * offset
}
