import { hashText } from '../../../stats/sketches/hash.ts'
import { HyperLogLog } from '../../../stats/sketches/hyper-log-log.ts'
import type { EventColumn } from '../../../stores/log/event-batch.ts'
import type { Distinct, ProfiledColumn } from './column-profile.ts'

const MOST_VALUES = 4096
/** Once values had to be dropped, one of so many that are not known is taken in; see `NumberCounter`. */
const ADMITTED = 64
const MOST_SHAPE = 32
const hash = new Uint32Array(2)

/** Folds a column of texts. Counts of values are exact up to 4,096 different ones. */
export class TextColumn implements ProfiledColumn {
  readonly #distinct = new HyperLogLog()
  #counts = new Map<string, { count: number }>()
  #isExact = true
  #passed = 0
  #rows = 0
  #nulls = 0
  #shortest = Number.POSITIVE_INFINITY
  #longest = 0
  #units = 0

  take(column: EventColumn, length: number): void {
    const values = column as readonly (string | null)[]
    this.#rows += length
    for (let row = 0; row < length; row += 1) {
      const value = values[row]!
      if (value === null) {
        this.#nulls += 1
        continue
      }
      const units = value.length
      if (units < this.#shortest) this.#shortest = units
      if (units > this.#longest) this.#longest = units
      this.#units += units
      const known = this.#counts.get(value)
      if (known !== undefined) known.count += 1
      else this.#addNew(value)
    }
  }

  get counts(): { readonly rows: number; readonly nulls: number } {
    return { rows: this.#rows, nulls: this.#nulls }
  }

  get distinct(): Distinct {
    const isExact = this.#isExact
    return {
      value: isExact ? this.#counts.size : Math.min(this.#rows - this.#nulls, Math.round(this.#distinct.estimate())),
      isExact,
    }
  }

  top(most: number) {
    const values = [...this.#counts].map(([value, { count }]) => [value, count] as const)
    values.sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    return { values: values.slice(0, most), isExact: this.#isExact }
  }

  figures(): undefined {
    return undefined
  }

  lengths() {
    const n = this.#rows - this.#nulls
    return n === 0 ? undefined : { min: this.#shortest, max: this.#longest, mean: this.#units / n }
  }

  /** What the texts look like, of those that are kept: `A` for a capital, `a` for another letter, `9` for a digit. */
  shapes(most: number): readonly (readonly [shape: string, count: number])[] {
    const shapes = new Map<string, number>()
    for (const [value, { count }] of this.#counts) {
      const shape = shapeOf(value)
      shapes.set(shape, (shapes.get(shape) ?? 0) + count)
    }
    return [...shapes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most)
  }

  #addNew(value: string): void {
    hashText(value, hash)
    this.#distinct.add(hash[0]!, hash[1]!)
    if (!this.#isExact) {
      this.#passed += 1
      if (this.#passed % ADMITTED !== 0) return
    }
    this.#counts.set(value, { count: 1 })
    if (this.#counts.size < MOST_VALUES) return
    const threshold = [...this.#counts.values()].map(({ count }) => count).sort((a, b) => a - b)[MOST_VALUES >> 1]!
    this.#isExact = false
    this.#counts = new Map([...this.#counts].filter(([, { count }]) => count > threshold))
  }
}

function shapeOf(text: string): string {
  const shape = text
    .slice(0, MOST_SHAPE)
    .replaceAll(/\p{Lu}/gu, 'A')
    .replaceAll(/[^\P{L}A]/gu, 'a')
    .replaceAll(/\d/g, '9')
  return text.length > MOST_SHAPE ? `${shape}…` : shape
}
