import { createVectorEncoder } from '../inference/encoders.ts'
import { encodeExplanationPart } from '../inference/explain/explanation-part.ts'
import { measureRows } from '../inference/explain/measure-rows.ts'
import type { Candidate } from './candidate.ts'

/** A model of a file that does not say what it saw is walked by no more rows of ours than this, evenly spread. */
const MOST_ROWS = 50_000

/**
 * The bytes that explain a candidate's scores later: what its trainer counted, or what its file does not say and the training
 * rows do.
 * @param columns the vectors of the rows, of which the first `rows` are those to learn from
 */
export function explanationOf(
  { explanation, imported, encoders, bytes }: Candidate,
  columns: readonly Float64Array[],
  rows: number,
): Uint8Array | undefined {
  if (explanation !== undefined) return encodeExplanationPart(explanation)
  if (imported === undefined) return undefined
  const encoder = createVectorEncoder(encoders)
  const vector = new Float64Array(columns.length)
  const taken = Math.min(rows, MOST_ROWS)
  const measured = measureRows(bytes, {
    rows: taken,
    read(index, values) {
      const row = Math.floor((index * rows) / taken)
      for (let input = 0; input < vector.length; input += 1) vector[input] = columns[input]![row]!
      encoder.encode(vector, 0, values)
    },
  })
  return measured === undefined ? undefined : encodeExplanationPart(measured)
}
