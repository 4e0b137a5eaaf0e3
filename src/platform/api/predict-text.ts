import { joinBytes } from '../../core/join-bytes.ts'
import { inSlices, type Slices } from '../../core/slices.ts'
import type { PredictAnswer } from './prediction-answers.ts'

/** Answers of up to so many rows are written at once, larger ones in pieces of a few. */
const AT_ONCE = 64
const PIECE = 16

/** An answer as JSON; that of many rows is written in slices, so that others are answered meanwhile. */
export function predictText(answer: PredictAnswer, slices: Slices): string | Promise<Buffer> {
  if (answer.predictions.length <= AT_ONCE) return JSON.stringify(answer)
  return writeInSlices(answer, slices)
}

async function writeInSlices({ predictions, ...rest }: PredictAnswer, slices: Slices): Promise<Buffer> {
  const work = slices.begin()
  await work.next()
  const pieces: Buffer[] = [Buffer.from(`${JSON.stringify(rest).slice(0, -1)},"predictions":[`)]
  for (let from = 0; from < predictions.length; from += PIECE) {
    if (work.isOver()) await work.next()
    const piece = JSON.stringify(predictions.slice(from, from + PIECE)).slice(1, -1)
    pieces.push(Buffer.from(from === 0 ? piece : `,${piece}`))
  }
  pieces.push(Buffer.from(']}'))
  return inSlices(joinBytes(pieces), slices)
}
