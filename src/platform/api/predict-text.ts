import { freeMemory } from '../../core/free-memory.ts'
import { joinBytes } from '../../core/join-bytes.ts'
import { inSlices, type Slices } from '../../core/slices.ts'
import type { PredictAnswer } from './prediction-answers.ts'
import type { WrittenAnswers } from './written-answers.ts'

const COMMA = Buffer.from(',')

/** An answer as JSON; one whose rows are written already is joined in slices, so that others are answered meanwhile. */
export function predictText(
  answer: PredictAnswer,
  written: WrittenAnswers | undefined,
  slices: Slices,
): string | Promise<Buffer> {
  if (written === undefined) return JSON.stringify(answer)
  return joinInSlices(answer, written, slices)
}

async function joinInSlices(
  { predictions: _, ...rest }: PredictAnswer,
  written: WrittenAnswers,
  slices: Slices,
): Promise<Buffer> {
  const pieces = written.pieces()
  const parts = [
    Buffer.from(`${JSON.stringify(rest).slice(0, -1)},"predictions":[`),
    ...pieces.flatMap((piece, index) => (index === 0 ? [piece] : [COMMA, piece])),
    Buffer.from(']}'),
  ]
  const text = await inSlices(joinBytes(parts), slices)
  for (const piece of pieces) freeMemory(piece)
  return text
}
