import { TruelineError } from '../../core/errors.ts'
import type { PredictionAnswer } from './prediction-answers.ts'

/** Answers that are written together: they are short-lived, and some tens of kilobytes as JSON. With features each has kilobytes. */
const PIECE = 256
const PIECE_WITH_FEATURES = 16

interface Piece {
  readonly answers: PredictionAnswer[]
  /** How many are still to come. */
  missing: number
}

/**
 * The answers to a large request as the JSON that they are sent as, outside the garbage collector's heap: a hundred thousand objects
 * that live until the last row is answered would be copied by most of its collections.
 */
export class WrittenAnswers {
  readonly length: number
  readonly #piece: number
  readonly #coming = new Map<number, Piece>()
  readonly #written: Buffer[] = []
  /** Pieces of nothing but rows that came too late. */
  readonly #late = new Set<number>()
  #first: PredictionAnswer | undefined

  /**
   * @param length of the request, in rows
   * @param hasFeatures whether each answer tells the features that it was made from
   */
  constructor(length: number, hasFeatures = false) {
    this.length = length
    this.#piece = hasFeatures ? PIECE_WITH_FEATURES : PIECE
  }

  /** The answer to the first row. */
  get first(): PredictionAnswer | undefined {
    return this.#first
  }

  /** Whether all that is there came too late. */
  get isLate(): boolean {
    return this.#late.size === Math.ceil(this.length / this.#piece)
  }

  /** Takes the answer to a row, once for each; where all are given again, those count. */
  set(place: number, answer: PredictionAnswer): void {
    if (place === 0) this.#first = answer
    const number = Math.floor(place / this.#piece)
    let piece = this.#coming.get(number)
    if (piece === undefined) {
      const length = Math.min(this.#piece, this.length - number * this.#piece)
      piece = { answers: new Array(length), missing: length }
      this.#coming.set(number, piece)
    }
    piece.answers[place - number * this.#piece] = answer
    piece.missing -= 1
    if (piece.missing > 0) return
    this.#coming.delete(number)
    this.#written[number] = Buffer.from(JSON.stringify(piece.answers).slice(1, -1))
    if (piece.answers.every(isLate)) this.#late.add(number)
    else this.#late.delete(number)
  }

  /**
   * The elements of the array of all of them, in pieces between which commas belong.
   * @throws TruelineError `internal` where a row has no answer
   */
  pieces(): readonly Buffer[] {
    if (this.#coming.size > 0 || this.#written.length < Math.ceil(this.length / this.#piece))
      throw new TruelineError('internal', 'Not every row of a request was answered.')
    return this.#written
  }
}

/** Whether a row was not answered because the deadline was over. */
export function isLate(answer: PredictionAnswer): boolean {
  return 'error' in answer && answer.error.code === 'deadline_exceeded'
}
