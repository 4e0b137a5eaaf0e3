import { sigmoid } from '../../../core/math/exp.ts'

/** The table covers margins between plus and minus this; beyond, probabilities hardly change. */
export const WIDEST = 16
/** Entries for a margin of 1; between them a line is drawn. */
export const STEPS = 128
export const TABLE_LENGTH = 2 * WIDEST * STEPS + 2

/** Writes the probabilities of margins from -16 on into a table. */
export function fillProbabilities(table: Float64Array): void {
  for (let i = 0; i < table.length; i += 1) table[i] = sigmoid(i / STEPS - WIDEST)
}
