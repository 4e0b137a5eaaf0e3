// Walks of forests, in AssemblyScript: `npm run generate` compiles it into src/models/inference/forest-kernel.generated.ts.
// Where everything lies in memory is said in src/models/inference/forest-layout.ts; addresses here are in bytes.
//
// A step down a tree waits for the one before it, so that one walk alone leaves the processor idle most of the time: a row
// goes down eight trees side by side. No step has a branch. The nodes of eight trees are interleaved, so that their addresses
// differ by constants, which cost no register.

/** From a place of a heap to its child: the node there sends right what is not below its threshold. */
function stepHeap(slots: usize, node: usize, place: u32): u32 {
  return (place << 1) | u32(load<f32>(slots + load<u32>(node, 4)) >= load<f32>(node))
}

/**
 * Adds to the sums of rows what heaps give, tree after tree. The slots of a row lie `stride` after those of the row before.
 * All rows go through eight trees before the next eight, which stay in the nearest cache meanwhile.
 */
export function addHeaps(
  slots: usize,
  stride: usize,
  rows: i32,
  depths: usize,
  groups: i32,
  first: usize,
  sums: usize,
): void {
  let tree = first
  for (let group = 0; group < groups; group++) {
    const depth = <u32>load<u8>(depths + group)
    // Places of leaves count on from those of nodes: the first is 2^depth, and its leaf lies 32 * 2^depth beyond this.
    const leaf = tree + ((64 - 32) << depth)
    let row = slots
    for (let index = 0; index < rows; index++) {
      let i: u32 = 1
      let j: u32 = 1
      let k: u32 = 1
      let l: u32 = 1
      let m: u32 = 1
      let n: u32 = 1
      let o: u32 = 1
      let p: u32 = 1
      for (let level: u32 = 0; level < depth; level++) {
        i = stepHeap(row, tree + (i << 6), i)
        j = stepHeap(row, tree + (j << 6) + 8, j)
        k = stepHeap(row, tree + (k << 6) + 16, k)
        l = stepHeap(row, tree + (l << 6) + 24, l)
        m = stepHeap(row, tree + (m << 6) + 32, m)
        n = stepHeap(row, tree + (n << 6) + 40, n)
        o = stepHeap(row, tree + (o << 6) + 48, o)
        p = stepHeap(row, tree + (p << 6) + 56, p)
      }
      let sum = load<f32>(sums + (index << 2))
      sum += load<f32>(leaf + (i << 5))
      sum += load<f32>(leaf + (j << 5), 4)
      sum += load<f32>(leaf + (k << 5), 8)
      sum += load<f32>(leaf + (l << 5), 12)
      sum += load<f32>(leaf + (m << 5), 16)
      sum += load<f32>(leaf + (n << 5), 20)
      sum += load<f32>(leaf + (o << 5), 24)
      sum += load<f32>(leaf + (p << 5), 28)
      store<f32>(sums + (index << 2), sum)
      row += stride
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
