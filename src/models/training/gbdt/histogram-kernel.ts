/** Bins of a feature in a scratch histogram. */
export const SCRATCH_BINS = 256

/** Rows of some records: `order[from]` and the `count - 1` after it; the derivatives from `first` on are theirs. */
export interface KernelRows {
  readonly records: Uint32Array
  readonly stride: number
  readonly order: Int32Array
  readonly from: number
  readonly count: number
  /** Both derivatives of a row in one number (see Packing). */
  readonly derivatives: Float64Array
  readonly first: number
}

/**
 * Adds each row's derivatives to its bins of sixteen features: four words of its record. Written out, because nearly
 * all the time of a training is spent here: a loop over the features takes half as long again. `| 0` spares the checks
 * for overflow.
 * @param word the first of the four words in the record of row 0
 * @param scratch 256 sums for each feature
 */
export function addFourWords(rows: KernelRows, word: number, scratch: Float64Array): void {
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

/** As addFourWords, for the one to four features of one word. */
export function addOneWord(rows: KernelRows, word: number, features: number, scratch: Float64Array): void {
  const { records, stride, order, from, count, derivatives, first } = rows
  for (let i = 0; i < count; i += 1) {
    const value = derivatives[(first + i) | 0] as number
    const a = records[(word + Math.imul(order[(from + i) | 0] as number, stride)) | 0] as number
    scratch[a & 255]! += value
    if (features === 1) continue
    scratch[256 + ((a >>> 8) & 255)]! += value
    if (features === 2) continue
    scratch[512 + ((a >>> 16) & 255)]! += value
    if (features === 3) continue
    scratch[768 + (a >>> 24)]! += value
  }
}
