import type { Readable } from 'node:stream'

/** Bytes that are read of one large body before everybody else has a turn. */
const BYTES_OF_TURN = 2 ** 19

/**
 * Reads a large body in turns: where a client sends as fast as it is read from, the system hands over megabytes at a time, and
 * nobody else is answered meanwhile.
 * @param isWanted whether there is still something to read when its turn has come
 * @returns to be told of the bytes that came
 */
export function pacedReading(
  stream: Pick<Readable, 'pause' | 'resume'>,
  isWanted: () => boolean,
): (bytes: number) => void {
  let read = 0
  return (bytes) => {
    read += bytes
    if (read < BYTES_OF_TURN || !isWanted()) return
    read = 0
    stream.pause()
    setImmediate(() => {
      if (isWanted()) stream.resume()
    })
  }
}
