// What the training of trees does row by row, in AssemblyScript: `npm run generate` compiles it into
// src/models/training/gbdt/row-kernel.generated.ts. src/models/training/gbdt/row-kernel.ts says what it does; addresses and distances here
// are in bytes.

// Histograms. A sum is loaded, added to and stored for each row and feature: nothing else may take time. A byte of a record is a bin, which times eight
// is its place among the 256 sums of a feature; where these begin is a constant in the instruction.

// @inline
function add(scratch: usize, record: usize, value: f64, feature: usize): void {
  const place = scratch + ((<usize>load<u8>(record + feature)) << 3)
  store<f64>(place + (feature << 11), load<f64>(place + (feature << 11)) + value)
}

// @inline
function addFour(scratch: usize, record: usize, value: f64, feature: usize): void {
  add(scratch, record, value, feature)
  add(scratch, record, value, feature + 1)
  add(scratch, record, value, feature + 2)
  add(scratch, record, value, feature + 3)
}

// @inline
function addWords(
  words: i32,
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  for (let i = 0; i < count; i++) {
    const record = records + <usize>load<u32>(order + ((<usize>i) << 2)) * stride
    const value = load<f64>(derivatives + ((<usize>i) << 3))
    addFour(scratch, record, value, 0)
    if (words >= 2) addFour(scratch, record, value, 4)
    if (words >= 3) addFour(scratch, record, value, 8)
    if (words >= 4) addFour(scratch, record, value, 12)
    if (words >= 5) addFour(scratch, record, value, 16)
    if (words >= 6) addFour(scratch, record, value, 20)
    if (words >= 7) addFour(scratch, record, value, 24)
    if (words >= 8) addFour(scratch, record, value, 28)
    if (words >= 9) addFour(scratch, record, value, 32)
    if (words >= 10) addFour(scratch, record, value, 36)
    if (words >= 11) addFour(scratch, record, value, 40)
    if (words >= 12) addFour(scratch, record, value, 44)
  }
}

// One function for each number of words, whose loop has no test of it.

export function addWords1(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(1, records, stride, order, count, derivatives, scratch)
}

export function addWords2(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(2, records, stride, order, count, derivatives, scratch)
}

export function addWords3(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(3, records, stride, order, count, derivatives, scratch)
}

export function addWords4(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(4, records, stride, order, count, derivatives, scratch)
}

export function addWords5(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(5, records, stride, order, count, derivatives, scratch)
}

export function addWords6(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(6, records, stride, order, count, derivatives, scratch)
}

export function addWords7(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(7, records, stride, order, count, derivatives, scratch)
}

export function addWords8(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(8, records, stride, order, count, derivatives, scratch)
}

export function addWords9(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(9, records, stride, order, count, derivatives, scratch)
}

export function addWords10(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(10, records, stride, order, count, derivatives, scratch)
}

export function addWords11(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(11, records, stride, order, count, derivatives, scratch)
}

export function addWords12(
  records: usize,
  stride: usize,
  order: usize,
  count: i32,
  derivatives: usize,
  scratch: usize,
): void {
  addWords(12, records, stride, order, count, derivatives, scratch)
}

/** Copies the derivatives of rows, and reads both ends of each record, so that all are in the nearest cache. */
export function fetchRows(records: usize, stride: usize, order: usize, count: i32, from: usize, to: usize): u32 {
  let seen: u32 = 0
  for (let i = 0; i < count; i++) {
    const row = <usize>load<u32>(order + ((<usize>i) << 2))
    store<f64>(to + ((<usize>i) << 3), load<f64>(from + (row << 3)))
    const record = records + row * stride
    // Where they lie close, a record may begin in one cache line and end in the next.
    seen |= load<u32>(record) | load<u32>(record + stride - 4)
  }
  return seen
}

// Rows of a node. A branch would be mispredicted half of the time: there is none.

/** Parts rows by their bins, written one after the other to both sides and counted on one; how many go left. */
export function partRows(
  order: usize,
  count: i32,
  bins: usize,
  missingRight: u32,
  leftBins: u32,
  left: usize,
  right: usize,
): i32 {
  let lefts = left
  let rights = right
  for (let i = 0; i < count; i++) {
    const row = load<u32>(order + ((<usize>i) << 2))
    const goesLeft = <usize>(((<u32>load<u8>(bins + row) - missingRight) & 255) < leftBins)
    store<u32>(lefts, row)
    store<u32>(rights, row)
    lefts += goesLeft << 2
    rights += (1 - goesLeft) << 2
  }
  return <i32>((lefts - left) >> 2)
}

/** Adds to the margins of rows the value of the side that each goes to. */
export function addLeaves(
  order: usize,
  count: i32,
  bins: usize,
  missingRight: u32,
  leftBins: u32,
  left: f32,
  right: f32,
  margins: usize,
): void {
  for (let i = 0; i < count; i++) {
    const row = load<u32>(order + ((<usize>i) << 2))
    const goesLeft = ((<u32>load<u8>(bins + row) - missingRight) & 255) < leftBins
    const margin = margins + ((<usize>row) << 2)
    store<f32>(margin, load<f32>(margin) + (goesLeft ? left : right))
  }
}

/** As partRows, of a split on categories: `members` has for each bin a 1 where it goes left. */
export function partMembers(order: usize, count: i32, bins: usize, members: usize, left: usize, right: usize): i32 {
  let lefts = left
  let rights = right
  for (let i = 0; i < count; i++) {
    const row = load<u32>(order + ((<usize>i) << 2))
    const goesLeft = <usize>load<u8>(members + <usize>load<u8>(bins + row))
    store<u32>(lefts, row)
    store<u32>(rights, row)
    lefts += goesLeft << 2
    rights += (1 - goesLeft) << 2
  }
  return <i32>((lefts - left) >> 2)
}

/** As addLeaves, of a split on categories. */
export function addMemberLeaves(
  order: usize,
  count: i32,
  bins: usize,
  members: usize,
  left: f32,
  right: f32,
  margins: usize,
): void {
  for (let i = 0; i < count; i++) {
    const row = load<u32>(order + ((<usize>i) << 2))
    const goesLeft = load<u8>(members + <usize>load<u8>(bins + row))
    const margin = margins + ((<usize>row) << 2)
    store<f32>(margin, load<f32>(margin) + (goesLeft ? left : right))
  }
}

export function copyBytes(to: usize, from: usize, bytes: usize): void {
  memory.copy(to, from, bytes)
}

// Derivatives of the log loss.

/** The finaliser of MurmurHash3 (Austin Appleby), in 32 bits, as row-hash.ts has it. */
// @inline
function mix(value: u32): u32 {
  let mixed = value ^ (value >> 16)
  mixed *= 0x85ebca6b
  mixed ^= mixed >> 13
  mixed *= 0xc2b2ae35
  return mixed ^ (mixed >> 16)
}

/** As `logLossGradients` of gradients.ts, for the rows from `from` to `to`; `weights` is 0 where each row counts once. */
export function logLossGradients(
  margins: usize,
  labels: usize,
  weights: usize,
  derivatives: usize,
  table: usize,
  from: u32,
  to: u32,
  seed: u32,
  widest: f64,
  steps: f64,
  shift: f64,
  scale: f64,
  hessianScale: f64,
): void {
  for (let row = from; row < to; row++) {
    const margin = <f64>load<f32>(margins + ((<usize>row) << 2))
    const place = (min<f64>(max<f64>(margin, -widest), widest) + widest) * steps
    const step = <i32>place
    const entry = table + ((<usize>step) << 3)
    const below = load<f64>(entry)
    const probability = below + (load<f64>(entry, 8) - below) * (place - <f64>step)
    const random = mix(seed ^ ((row + 1) * 0x85ebca6b))
    const weight = weights ? <f64>load<f32>(weights + ((<usize>row) << 2)) : 1.0
    const label = <f64>load<f32>(labels + ((<usize>row) << 2))
    const gradient = floor<f64>((probability - label) * weight * scale + <f64>(random >> 16) / 65536.0)
    const hessian = floor<f64>(
      probability * (1.0 - probability) * weight * hessianScale + <f64>(random & 0xffff) / 65536.0,
    )
    store<f64>(derivatives + ((<usize>row) << 3), gradient * shift + hessian)
  }
}
