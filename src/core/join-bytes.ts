import type { Steps } from './slices.ts'

/** Bytes that are copied from one yield to the next. */
const BYTES_OF_STEP = 2 ** 18

/** Pieces one after the other, in room of their own, copied in steps. */
export function* joinBytes(pieces: readonly Uint8Array[]): Steps<Buffer> {
  const room = Buffer.allocUnsafeSlow(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  let copied = 0
  for (const piece of pieces)
    for (let from = 0; from < piece.length; ) {
      const part = piece.subarray(from, from + BYTES_OF_STEP - copied)
      room.set(part, at)
      from += part.length
      at += part.length
      copied += part.length
      if (copied < BYTES_OF_STEP) continue
      copied = 0
      yield
    }
  return room
}
