import type { Tolerance } from '../../language/define/check-definition.ts'
import { hashNumber, hashText } from '../../stats/sketches/hash.ts'
import type { CheckContext, TableRun } from './check.ts'
import { countOf, judgeRows } from './judge.ts'
import { PairSet } from './pair-set.ts'
import { WholeSet } from './whole-set.ts'

/** More keys than these would take more memory than a check may. */
const MOST_KEYS = 16_000_000

/**
 * Counts rows whose key came before. A key that is one whole number is compared as it is; others by 64 bits of their
 * hash: of ten million different ones, two are taken for one with a probability of three in a million.
 */
export function startUniqueness(
  columns: readonly string[],
  allowed: Tolerance | undefined,
  { schema }: CheckContext,
): TableRun {
  const names = Object.keys(schema)
  const indexes = columns.map((column) => names.indexOf(column))
  const seen = new PairSet()
  const whole = new WholeSet()
  const hash = new Uint32Array(2)
  const [only] = columns
  const isWhole = columns.length === 1 && ['int', 'decimal', 'timestamp'].includes(schema[only!]!.type)
  let rows = 0
  let repeated = 0

  function takeWhole(values: Float64Array, length: number): void {
    for (let row = 0; row < length && whole.size < MOST_KEYS; row += 1) {
      const value = values[row]!
      if (Number.isNaN(value)) continue
      rows += 1
      if (!whole.add(value)) repeated += 1
    }
  }

  return {
    take(batch) {
      if (isWhole) {
        takeWhole(batch.columns[indexes[0]!] as Float64Array, batch.length)
        return
      }
      for (let row = 0; row < batch.length && seen.size < MOST_KEYS; row += 1) {
        let first = 0
        let second = 0
        let isComplete = true
        for (const index of indexes) {
          const value = batch.columns[index]![row]!
          if (value === null || Number.isNaN(value)) {
            isComplete = false
            break
          }
          if (typeof value === 'number') hashNumber(value, hash)
          else hashText(value, hash)
          first = (Math.imul(first, 0x9e3779b1) + hash[0]!) >>> 0
          second = (Math.imul(second ^ first, 0x85ebca6b) + hash[1]!) >>> 0
        }
        if (!isComplete) continue
        rows += 1
        if (!seen.add(first, second)) repeated += 1
      }
    },
    finish() {
      const what = `repeat a ${columns.length === 1 ? `'${columns[0]}'` : `key of ${columns.join(', ')}`}`
      if (Math.max(seen.size, whole.size) < MOST_KEYS) return judgeRows(repeated, rows, allowed, what)
      const sentence = `More than ${countOf(MOST_KEYS)} keys are too many for one batch: judge smaller ones.`
      return {
        outcome: repeated > 0 && allowed === undefined ? 'breached' : 'insufficient',
        n: rows,
        failing: repeated,
        sentence,
      }
    },
  }
}
