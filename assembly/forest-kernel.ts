// Walks of forests, in AssemblyScript: `npm run generate` compiles it into src/models/inference/forest-kernel.generated.ts.
// Where everything lies in memory is said in src/models/inference/forest-layout.ts; addresses here are in bytes.
//
// A step down a tree waits for the one before it, so that one walk alone leaves the processor idle most of the time: a row
// goes down eight trees side by side. No step has a branch. The nodes of eight trees are interleaved, so that their addresses
// differ by constants, which cost no register.

/**
 * Brings slots to keys, whole numbers in the order of float32 numbers, in which a comparison costs less. There is room for
 * a multiple of four of them.
 */
export function writeKeys(slots: usize, count: i32): void {
  const end = slots + ((<usize>count) << 2)
  for (let at = slots; at < end; at += 16) {
    // A sum with 0 makes a 0 of -0, which no comparison tells from it.
    const bits = f32x4.add(v128.load(at), f32x4.splat(0))
    v128.store(at, v128.xor(bits, v128.and(i32x4.shr_s(bits, 31), i32x4.splat(0x7fff_ffff))))
  }
}

/**
 * From the address of a node to its child's: twice that, and what leads from there to the left or to the right one. The node
 * sends right what is beyond its key.
 */
// @inline
function stepHeap(row: usize, node: usize, left: usize, right: usize): usize {
  const isRight = load<i32>(row + load<u32>(node, 4)) > load<i32>(node)
  return (node << 1) + select<usize>(right, left, isRight)
}

/**
 * The sum with what eight trees give for a row, tree after tree. Nodes know the addresses of the keys of the first row; those
 * of the row lie `row` bytes on.
 */
// @inline
function addGroup(tree: usize, depth: u32, row: usize, start: f32): f32 {
  // The node of a place lies 64 bytes a place after the beginning, and that of the next tree 8 bytes on.
  const left: usize = -tree
  const right: usize = 64 - tree
  let i = tree + 64
  let j = tree + (64 + 8)
  let k = tree + (64 + 16)
  let l = tree + (64 + 24)
  let m = tree + (64 + 32)
  let n = tree + (64 + 40)
  let o = tree + (64 + 48)
  let p = tree + (64 + 56)
  for (let level: u32 = 0; level < depth; level++) {
    i = stepHeap(row, i, left, right)
    j = stepHeap(row, j, left, right) - 8
    k = stepHeap(row, k, left, right) - 16
    l = stepHeap(row, l, left, right) - 24
    m = stepHeap(row, m, left, right) - 32
    n = stepHeap(row, n, left, right) - 40
    o = stepHeap(row, o, left, right) - 48
    p = stepHeap(row, p, left, right) - 56
  }
  // Places of leaves count on from those of nodes: the first is 2^depth, and its leaf lies 32 * 2^depth beyond this.
  const leaf = tree + ((64 - 32) << depth) - (tree >> 1)
  let sum = start
  sum += load<f32>(leaf + (i >> 1))
  sum += load<f32>(leaf + (j >> 1))
  sum += load<f32>(leaf + (k >> 1))
  sum += load<f32>(leaf + (l >> 1))
  sum += load<f32>(leaf + (m >> 1))
  sum += load<f32>(leaf + (n >> 1))
  sum += load<f32>(leaf + (o >> 1))
  sum += load<f32>(leaf + (p >> 1))
  return sum
}

/** The sum with what heaps give for the row whose keys their nodes know. */
export function sumHeaps(depths: usize, groups: i32, first: usize, start: f32): f32 {
  let sum = start
  let tree = first
  for (let group = 0; group < groups; group++) {
    const depth = <u32>load<u8>(depths + group)
    sum = addGroup(tree, depth, 0, sum)
    tree += (64 + 32) << depth
  }
  return sum
}

/**
 * Adds to the sums of rows what heaps give. The keys of a row lie `stride` after those of the row before. All rows go
 * through eight trees before the next eight, which stay in the nearest cache meanwhile.
 */
export function addHeaps(stride: usize, rows: i32, depths: usize, groups: i32, first: usize, sums: usize): void {
  let tree = first
  for (let group = 0; group < groups; group++) {
    const depth = <u32>load<u8>(depths + group)
    for (let index = 0; index < rows; index++) {
      const at = sums + (index << 2)
      store<f32>(at, addGroup(tree, depth, index * stride, load<f32>(at)))
    }
    tree += (64 + 32) << depth
  }
}

/** From a node of linked ones to its child; a leaf is its own. */
function stepLink(slots: usize, node: usize): usize {
  return load<u32>(node, 12) + u32(load<f64>(slots + load<u32>(node, 8)) >= load<f64>(node)) * 24
}

/** Writes the values of the leaves that a row reaches in linked trees, a float64 each; the trees are a multiple of eight. */
export function findLeaves(slots: usize, roots: usize, trees: i32, leaves: usize): void {
  for (let tree = 0; tree < trees; tree += 8) {
    const root = roots + (tree << 2)
    let a: usize = load<u32>(root)
    let b: usize = load<u32>(root, 4)
    let c: usize = load<u32>(root, 8)
    let d: usize = load<u32>(root, 12)
    let e: usize = load<u32>(root, 16)
    let f: usize = load<u32>(root, 20)
    let g: usize = load<u32>(root, 24)
    let h: usize = load<u32>(root, 28)
    let moved: usize = 1
    while (moved !== 0) {
      for (let level = 0; level < 3; level++) {
        a = stepLink(slots, a)
        b = stepLink(slots, b)
        c = stepLink(slots, c)
        d = stepLink(slots, d)
        e = stepLink(slots, e)
        f = stepLink(slots, f)
        g = stepLink(slots, g)
        h = stepLink(slots, h)
      }
      const i = stepLink(slots, a)
      const j = stepLink(slots, b)
      const k = stepLink(slots, c)
      const l = stepLink(slots, d)
      const m = stepLink(slots, e)
      const n = stepLink(slots, f)
      const o = stepLink(slots, g)
      const p = stepLink(slots, h)
      moved = (a ^ i) | (b ^ j) | (c ^ k) | (d ^ l) | (e ^ m) | (f ^ n) | (g ^ o) | (h ^ p)
      a = i
      b = j
      c = k
      d = l
      e = m
      f = n
      g = o
      h = p
    }
    const to = leaves + (tree << 3)
    store<f64>(to, load<f64>(a, 16))
    store<f64>(to, load<f64>(b, 16), 8)
    store<f64>(to, load<f64>(c, 16), 16)
    store<f64>(to, load<f64>(d, 16), 24)
    store<f64>(to, load<f64>(e, 16), 32)
    store<f64>(to, load<f64>(f, 16), 40)
    store<f64>(to, load<f64>(g, 16), 48)
    store<f64>(to, load<f64>(h, 16), 56)
  }
}

/** The sum of leaves' values in float32, in their order. */
export function sumLeaves32(leaves: usize, trees: i32, sum: f32): f32 {
  for (let tree = 0; tree < trees; tree++) sum += <f32>load<f64>(leaves + (tree << 3))
  return sum
}

/** The sum of leaves' values in float64, in their order. */
export function sumLeaves64(leaves: usize, trees: i32, sum: f64): f64 {
  for (let tree = 0; tree < trees; tree++) sum += load<f64>(leaves + (tree << 3))
  return sum
}

// Sixteen rows at a time, a byte of a vector for each: inputs are brought to bins, the numbers of cuts at or below them less
// 128 (bytes with a sign are compared in a step less), and all 63 nodes of a tree of depth 6 are tried at once. What is
// chosen among their answers is the path of each row.
// `// @inline` becomes the decorator of AssemblyScript, which has no place before a function in TypeScript.

/** Bytes of 0xff for the rows that the node at a place sends right: their bin is above the node's. */
// @inline
function goesRight(bins: usize, nodes: usize, place: usize): v128 {
  const node = nodes + (place << 2)
  return i8x16.gt_s(v128.load(bins + <usize>load<u16>(node)), v128.load_splat<u8>(node, 2))
}

/** The answers of the nodes one level below a place, for rows that turned there as `a` says. */
// @inline
function answers1(bins: usize, nodes: usize, place: usize, a: v128): v128 {
  return i8x16.relaxed_laneselect(goesRight(bins, nodes, 2 * place + 1), goesRight(bins, nodes, 2 * place), a)
}

// @inline
function answers2(bins: usize, nodes: usize, place: usize, a: v128, b: v128): v128 {
  const right = answers1(bins, nodes, 2 * place + 1, b)
  return i8x16.relaxed_laneselect(right, answers1(bins, nodes, 2 * place, b), a)
}

// @inline
function answers3(bins: usize, nodes: usize, place: usize, a: v128, b: v128, c: v128): v128 {
  const right = answers2(bins, nodes, 2 * place + 1, b, c)
  return i8x16.relaxed_laneselect(right, answers2(bins, nodes, 2 * place, b, c), a)
}

// @inline
function answers4(bins: usize, nodes: usize, place: usize, a: v128, b: v128, c: v128, d: v128): v128 {
  const right = answers3(bins, nodes, 2 * place + 1, b, c, d)
  return i8x16.relaxed_laneselect(right, answers3(bins, nodes, 2 * place, b, c, d), a)
}

// @inline
function answers5(bins: usize, nodes: usize, place: usize, a: v128, b: v128, c: v128, d: v128, e: v128): v128 {
  const right = answers4(bins, nodes, 2 * place + 1, b, c, d, e)
  return i8x16.relaxed_laneselect(right, answers4(bins, nodes, 2 * place, b, c, d, e), a)
}

/** The leaves of four rows, whose places are bytes. */
// @inline
function fourLeaves(leaves: usize, places: usize): v128 {
  let four = v128.load_zero<u32>(leaves + ((<usize>load<u8>(places)) << 2))
  four = v128.load_lane<u32>(leaves + ((<usize>load<u8>(places, 1)) << 2), four, 1)
  four = v128.load_lane<u32>(leaves + ((<usize>load<u8>(places, 2)) << 2), four, 2)
  return v128.load_lane<u32>(leaves + ((<usize>load<u8>(places, 3)) << 2), four, 3)
}

/** Adds to the sums of sixteen rows what trees of depth 6 give, 256 bytes of nodes and then 256 of leaves each. */
export function addBinned(bins: usize, first: usize, trees: i32, places: usize, sums: usize): void {
  let nodes = first
  let w = v128.load(sums)
  let x = v128.load(sums, 16)
  let y = v128.load(sums, 32)
  let z = v128.load(sums, 48)
  for (let tree = 0; tree < trees; tree++) {
    const a = goesRight(bins, nodes, 1)
    const b = answers1(bins, nodes, 1, a)
    const c = answers2(bins, nodes, 1, a, b)
    const d = answers3(bins, nodes, 1, a, b, c)
    const e = answers4(bins, nodes, 1, a, b, c, d)
    const f = answers5(bins, nodes, 1, a, b, c, d, e)
    let place = v128.and(a, i8x16.splat(32))
    place = v128.or(place, v128.and(b, i8x16.splat(16)))
    place = v128.or(place, v128.and(c, i8x16.splat(8)))
    place = v128.or(place, v128.and(d, i8x16.splat(4)))
    place = v128.or(place, v128.and(e, i8x16.splat(2)))
    place = v128.or(place, v128.and(f, i8x16.splat(1)))
    v128.store(places, place)
    const leaves = nodes + 256
    w = f32x4.add(w, fourLeaves(leaves, places))
    x = f32x4.add(x, fourLeaves(leaves, places + 4))
    y = f32x4.add(y, fourLeaves(leaves, places + 8))
    z = f32x4.add(z, fourLeaves(leaves, places + 12))
    nodes += 512
  }
  v128.store(sums, w)
  v128.store(sums, x, 16)
  v128.store(sums, y, 32)
  v128.store(sums, z, 48)
}

/** How many of sixteen cuts are at or below a value, which is in all places of a vector. */
// @inline
function cutsBelow(cuts: usize, value: v128): u32 {
  const first = i16x8.narrow_i32x4_s(f32x4.le(v128.load(cuts), value), f32x4.le(v128.load(cuts, 16), value))
  const second = i16x8.narrow_i32x4_s(f32x4.le(v128.load(cuts, 32), value), f32x4.le(v128.load(cuts, 48), value))
  return i32.popcnt(i8x16.bitmask(i8x16.narrow_i16x8_s(first, second)))
}

/**
 * Writes the bins of an input for rows, a multiple of sixteen: how many of its 255 cuts are at or below it, less 128. The cuts
 * lie in ascending order, filled up to 256 with NaN, after the last of each sixteen of them.
 * Missing is bin 0 at `left`, and bin 254, which no node is above, at `right`. Sixteen rows are written side by side, the next
 * sixteen `step` bytes on.
 */
export function writeBins(
  values: usize,
  stride: usize,
  rows: i32,
  cuts: usize,
  left: usize,
  right: usize,
  step: usize,
): void {
  let from = values
  for (let row = 0; row < rows; row++) {
    const value = load<f32>(from)
    const vector = f32x4.splat(value)
    const sixteens = cutsBelow(cuts, vector)
    const bin = (sixteens << 4) + cutsBelow(cuts + 64 + (sixteens << 6), vector) - 128
    const missing = (reinterpret<u32>(value) & 0x7fff_ffff) > 0x7f80_0000
    const to = <usize>(row & 15) + <usize>(row >> 4) * step
    store<u8>(left + to, bin)
    store<u8>(right + to, select<u32>(254 - 128, bin, missing))
    from += stride
  }
}
