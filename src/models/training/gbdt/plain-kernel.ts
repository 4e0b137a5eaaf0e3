import { STEPS, WIDEST } from './probability-table.ts'
import { rowHash } from './row-hash.ts'
import type { KernelRows, RowKernel, SplitRows } from './row-kernel.ts'
import { SCRATCH_BINS } from './shared-memory.ts'

const WORD_BINS = 4 * SCRATCH_BINS

/** The kernel in JavaScript: for memory that compiled code does not reach. */
export const plainKernel: RowKernel = {
  addRows(rows, offset, words, packed) {
    let word = 0
    for (; word + 4 <= words; word += 4) addFourWords(rows, offset + word, packed.subarray(word * WORD_BINS))
    for (; word < words; word += 1) addOneWord(rows, offset + word, packed.subarray(word * WORD_BINS))
  },
  fetchRows({ records, stride, order, from, count, derivatives }, offset, all) {
    let seen = 0
    for (let i = 0; i < count; i += 1) {
      const row = order[(from + i) | 0] as number
      derivatives[i] = all[row] as number
      const record = (offset + Math.imul(row, stride)) | 0
      seen |= (records[record] as number) | (records[(record + stride - 1) | 0] as number)
    }
    // Kept, or the compiler would leave the reads out.
    derivatives[derivatives.length - 1] = seen
  },
  partRows(rows, left, right) {
    const { order, from, to, bins, column, missingRight, leftBins, member } = rows
    if (member >= 0) return partMembers(rows, left, right)
    let lefts = 0
    let rights = 0
    for (let i = from; i < to; i += 1) {
      const row = order[i] as number
      const bin = bins[(column + row) | 0] as number
      // 1 for left. Written to both sides and counted on one: a branch would be mispredicted half of the time.
      const goesLeft = (((bin - missingRight) & 255) - leftBins) >>> 31
      left[lefts] = row
      right[rights] = row
      lefts = (lefts + goesLeft) | 0
      rights = (rights + 1 - goesLeft) | 0
    }
    return lefts
  },
  addLeaves({ order, from, to, bins, column, missingRight, leftBins, members, member }, left, right, margins) {
    if (member >= 0) {
      for (let i = from; i < to; i += 1) {
        const row = order[i] as number
        margins[row]! += members[member + (bins[column + row] as number)] === 1 ? left : right
      }
      return
    }
    for (let i = from; i < to; i += 1) {
      const row = order[i] as number
      const bin = bins[(column + row) | 0] as number
      margins[row]! += ((bin - missingRight) & 255) < leftBins ? left : right
    }
  },
  logLossGradients({ rows, table, derivatives, from, to, seed, packing, scale }) {
    const { margins, labels, weights } = rows
    const { shift, hessianScale } = packing
    const weighted = weights.length > 0
    for (let row = from; row < to; row += 1) {
      const margin = margins[row] as number
      const place = (Math.min(Math.max(margin, -WIDEST), WIDEST) + WIDEST) * STEPS
      const step = place | 0
      const below = table[step] as number
      const probability = below + ((table[step + 1] as number) - below) * (place - step)
      const random = rowHash(seed, row)
      const weight = weighted ? (weights[row] as number) : 1
      const gradient = Math.floor((probability - (labels[row] as number)) * weight * scale + (random >>> 16) / 65_536)
      const hessian = Math.floor(probability * (1 - probability) * weight * hessianScale + (random & 0xffff) / 65_536)
      derivatives[row] = gradient * shift + hessian
    }
  },
  copy: (from, count, to, at) => to.set(from.subarray(0, count), at),
}

/** As `partRows`, of a split on categories. */
function partMembers(
  { order, from, to, bins, column, members, member }: SplitRows,
  left: Int32Array,
  right: Int32Array,
): number {
  let lefts = 0
  let rights = 0
  for (let i = from; i < to; i += 1) {
    const row = order[i] as number
    const goesLeft = members[(member + (bins[(column + row) | 0] as number)) | 0] as number
    left[lefts] = row
    right[rights] = row
    lefts = (lefts + goesLeft) | 0
    rights = (rights + 1 - goesLeft) | 0
  }
  return lefts
}

/**
 * Adds each row's derivatives to its bins of sixteen features: four words of its record. Written out, because nearly
 * all the time of a training is spent here: a loop over the features takes half as long again. `| 0` spares the checks
 * for overflow.
 * @param word the first of the four words in the record of row 0
 * @param scratch 256 sums for each feature
 */
function addFourWords(rows: KernelRows, word: number, scratch: Float64Array): void {
  const { records, stride, order, from, count, derivatives, first } = rows
  for (let i = 0; i < count; i += 1) {
    const value = derivatives[(first + i) | 0] as number
    const at = (word + Math.imul(order[(from + i) | 0] as number, stride)) | 0
    const a = records[at] as number
    const b = records[(at + 1) | 0] as number
    const c = records[(at + 2) | 0] as number
    const d = records[(at + 3) | 0] as number
    scratch[a & 255]! += value
    scratch[256 + ((a >>> 8) & 255)]! += value
    scratch[512 + ((a >>> 16) & 255)]! += value
    scratch[768 + (a >>> 24)]! += value
    scratch[1024 + (b & 255)]! += value
    scratch[1280 + ((b >>> 8) & 255)]! += value
    scratch[1536 + ((b >>> 16) & 255)]! += value
    scratch[1792 + (b >>> 24)]! += value
    scratch[2048 + (c & 255)]! += value
    scratch[2304 + ((c >>> 8) & 255)]! += value
    scratch[2560 + ((c >>> 16) & 255)]! += value
    scratch[2816 + (c >>> 24)]! += value
    scratch[3072 + (d & 255)]! += value
    scratch[3328 + ((d >>> 8) & 255)]! += value
    scratch[3584 + ((d >>> 16) & 255)]! += value
    scratch[3840 + (d >>> 24)]! += value
  }
}

/** As addFourWords, for the four features of one word. */
function addOneWord(rows: KernelRows, word: number, scratch: Float64Array): void {
  const { records, stride, order, from, count, derivatives, first } = rows
  for (let i = 0; i < count; i += 1) {
    const value = derivatives[(first + i) | 0] as number
    const a = records[(word + Math.imul(order[(from + i) | 0] as number, stride)) | 0] as number
    scratch[a & 255]! += value
    scratch[256 + ((a >>> 8) & 255)]! += value
    scratch[512 + ((a >>> 16) & 255)]! += value
    scratch[768 + (a >>> 24)]! += value
  }
}
