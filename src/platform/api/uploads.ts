import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { TruelineError } from '../../core/errors.ts'

/** An upload may take as long as it takes, as long as something comes. */
const IDLE_MS = 60_000
const current = new WeakSet<Socket>()

/** Whether a large body comes in over a connection: the time for whole requests does not count for it. */
export function isUploading(socket: Socket): boolean {
  return current.has(socket)
}

/**
 * The chunks of a body that may be very large, as they come. From the call on the time for whole requests does not count
 * for its connection, until the body has ended.
 * @throws TruelineError `upload_interrupted`, while they are read, where the body ends before it is whole, or nothing
 *   comes for a minute
 */
export function uploading(request: IncomingMessage): AsyncIterable<Uint8Array> {
  const { socket } = request
  const stalled = (): void => void request.destroy(new Error(`Nothing came for ${IDLE_MS / 1000} s.`))
  const end = (): void => {
    if (!current.delete(socket)) return
    socket.setTimeout(0)
    socket.off('timeout', stalled)
  }
  current.add(socket)
  socket.setTimeout(IDLE_MS, stalled)
  // Also of a body that is refused before anybody reads it.
  request.once('close', end)
  return chunksOf(request, end)
}

async function* chunksOf(request: IncomingMessage, end: () => void): AsyncGenerator<Uint8Array> {
  let taken = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      taken += chunk.length
      yield chunk
    }
  } catch (thrown) {
    const expected = request.headers['content-length']
    const whole = expected === undefined ? '' : ` of ${expected}`
    const message = `The upload ended after ${taken}${whole} bytes; nothing of it is kept.`
    throw new TruelineError('upload_interrupted', message, { path: request.url ?? '', cause: thrown })
  } finally {
    end()
  }
}
