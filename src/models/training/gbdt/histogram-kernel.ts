/** Bins of a feature in a scratch histogram. */
export const SCRATCH_BINS = 256

/**
 * Adds each row's derivatives (see Packing) to its bins of twelve features: three words of its record. Written out,
 * because nearly all the time of a training is spent here: a loop over features takes half as long again.
 * @param word the first of the three words in the record of row 0
 * @param order rows; those from `from` on are added, one for each of `derivatives`
 * @param base where the histogram of the first feature begins in `scratch`
 */
export function addThreeWords(
  records: Uint32Array,
  word: number,
  stride: number,
  order: Int32Array,
  from: number,
  derivatives: Float64Array,
  count: number,
  scratch: Float64Array,
  base: number,
): void {
  for (let i = 0; i < count; i += 1) {
    const value = derivatives[i] as number
    const at = word + (order[from + i] as number) * stride
    const a = records[at] as number
    const b = records[at + 1] as number
    const c = records[at + 2] as number
    scratch[base + (a & 255)]! += value
    scratch[base + 256 + ((a >>> 8) & 255)]! += value
    scratch[base + 512 + ((a >>> 16) & 255)]! += value
    scratch[base + 768 + (a >>> 24)]! += value
    scratch[base + 1024 + (b & 255)]! += value
    scratch[base + 1280 + ((b >>> 8) & 255)]! += value
    scratch[base + 1536 + ((b >>> 16) & 255)]! += value
    scratch[base + 1792 + (b >>> 24)]! += value
    scratch[base + 2048 + (c & 255)]! += value
    scratch[base + 2304 + ((c >>> 8) & 255)]! += value
    scratch[base + 2560 + ((c >>> 16) & 255)]! += value
    scratch[base + 2816 + (c >>> 24)]! += value
  }
}

/** As addThreeWords, for the four features of one word. */
export function addOneWord(
  records: Uint32Array,
  word: number,
  stride: number,
  order: Int32Array,
  from: number,
  derivatives: Float64Array,
  count: number,
  scratch: Float64Array,
  base: number,
): void {
  for (let i = 0; i < count; i += 1) {
    const value = derivatives[i] as number
    const a = records[word + (order[from + i] as number) * stride] as number
    scratch[base + (a & 255)]! += value
    scratch[base + 256 + ((a >>> 8) & 255)]! += value
    scratch[base + 512 + ((a >>> 16) & 255)]! += value
    scratch[base + 768 + (a >>> 24)]! += value
  }
}
