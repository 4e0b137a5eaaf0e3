import type { DecodedPredictions } from '../log/prediction-block.ts'

/** Which of a number of predictions are looked at: so many, at even distances as they come. */
export class EvenSample {
  readonly #total: number
  readonly #wanted: number
  #came = 0

  /**
   * @param total how many come
   * @param wanted how many of them are looked at, all where there are fewer
   */
  constructor(total: number, wanted: number) {
    this.#total = Math.max(total, 1)
    this.#wanted = Math.min(wanted, this.#total)
  }

  /** Whether the next one is looked at. */
  takesNext(): boolean {
    const before = Math.floor((this.#came * this.#wanted) / this.#total)
    this.#came += 1
    return Math.floor((this.#came * this.#wanted) / this.#total) > before
  }

  /** The same for the rows that a query finds, in their order: SQL that follows its condition. `pass` tells how many those were. */
  get qualification(): string {
    const taken = (row: string): string => `((${this.#came} + ${row})::HUGEINT * ${this.#wanted}) // ${this.#total}`
    return `QUALIFY ${taken('row_number() OVER ()')} > ${taken('row_number() OVER () - 1')}`
  }

  /** So many came, of which a query took those that are looked at. */
  pass(rows: number): void {
    this.#came += rows
  }
}

/** Some predictions of a block, in memory of their own. */
export function rowsOfBlock(block: DecodedPredictions, places: readonly number[]): DecodedPredictions {
  const doubles = (column: Float64Array): Float64Array => Float64Array.from(places, (place) => column[place]!)
  const words = (column: Uint32Array): Uint32Array => Uint32Array.from(places, (place) => column[place]!)
  const bytes = (column: Uint8Array): Uint8Array => Uint8Array.from(places, (place) => column[place]!)
  const all = {
    modes: places.map((place) => block.mode(place)),
    ids: places.map((place) => block.id(place)),
    positions: places.map((place) => block.position(place)),
    decisions: places.map((place) => block.decision(place)),
    deciders: places.map((place) => block.decidedBy(place)),
  }
  return {
    layout: block.layout,
    length: places.length,
    t: doubles(block.t),
    servedAt: doubles(block.servedAt),
    score: doubles(block.score),
    probabilities: block.probabilities.map(doubles),
    latency: words(block.latency),
    rows: places.map((place) => block.rows[place]!),
    values: block.values.map(doubles),
    statuses: block.statuses.map(bytes),
    generations: block.generations.map(words),
    partitions: block.partitions.map(bytes),
    offsets: block.offsets.map(doubles),
    id: (index) => all.ids[index]!,
    position: (index) => all.positions[index]!,
    mode: (index) => all.modes[index]!,
    decision: (index) => all.decisions[index],
    decidedBy: (index) => all.deciders[index],
    release: () => undefined,
  }
}
