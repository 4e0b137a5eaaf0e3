import type { TileSums } from '../../language/aggregate/collection.ts'
import { ExactMoments, SUMS } from '../exact-sum.ts'
import { floorTo } from '../window.ts'

/** Values of a lane in the rows of a window, put together by the tile of a fixed grid that their time falls in. */
export class TileView implements TileSums {
  readonly #hop: number
  readonly #tiles: number
  readonly #moments = new ExactMoments(1)
  #data: Float64Array = new Float64Array(0)
  #base = 0
  #tail = 0
  #head = 0
  #end = 0

  /** @param tiles older ones are left out; the one of the window's end is the first */
  constructor(hop: number, tiles: number) {
    this.#hop = hop
    this.#tiles = tiles
  }

  /** Looks at rows [tail, head), whose values begin at `base`, of a window that ends at a time. */
  look(data: Float64Array, base: number, tail: number, head: number, end: number): void {
    this.#data = data
    this.#base = base
    this.#tail = tail
    this.#head = head
    this.#end = end
  }

  each(visit: (age: number, sum: number, values: number) => void): void {
    const data = this.#data
    const newest = floorTo(this.#end, this.#hop)
    let row = this.#firstRowFrom(newest - (this.#tiles - 1) * this.#hop)
    while (row < this.#head) {
      const tile = floorTo(data[row] as number, this.#hop)
      const from = row
      while (row < this.#head && (data[row] as number) < tile + this.#hop) row += 1
      this.#moments.clearState(0)
      this.#moments.move(0, SUMS, data, this.#base + from, this.#base + row, 1)
      const values = this.#moments.count(0)
      if (values > 0) visit((newest - tile) / this.#hop, this.#moments.sum(0), values)
    }
  }

  #firstRowFrom(time: number): number {
    let low = this.#tail
    let high = this.#head
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#data[middle] as number) < time) low = middle + 1
      else high = middle
    }
    return low
  }
}
