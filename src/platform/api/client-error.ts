import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { TruelineError } from '../../core/errors.ts'
import { isUploading } from './uploads.ts'

/** What the parser of HTTP refuses, by its code; anything else is no HTTP. */
const errorOfParser: Readonly<Record<string, () => TruelineError>> = {
  HPE_HEADER_OVERFLOW: () => new TruelineError('headers_too_large', 'The headers are larger than is taken.'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: () => new TruelineError('body_too_large', 'The extensions of a chunk are too large.'),
  HPE_INVALID_EOF_STATE: () =>
    new TruelineError('upload_interrupted', 'The request ended before it was whole; nothing of it is kept.'),
  ERR_HTTP_REQUEST_TIMEOUT: () => new TruelineError('request_timeout', 'The request did not come whole in time.'),
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  431: 'Request Header Fields Too Large',
}

/** What the newest request of each connection that a server has read is answered by. */
const newest = new WeakMap<Socket, ServerResponse>()

/** Remembers what a request is answered by: an error of the requests behind it must not be taken for its answer. */
export function noteAnswer(response: ServerResponse): void {
  newest.set(response.req.socket, response)
}

/** Tells a client that what it sends cannot be read, and lets it go; what it asked for before may still be answered. */
export function answerClientError(thrown: Error & { readonly code?: string }, socket: Socket): void {
  // A large body has a time of its own. The parser tells of a request only once that it takes long.
  if (thrown.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isUploading(socket)) return
  if (thrown.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  // Requests that came whole in the same packet are answered in this turn of the event loop.
  setImmediate(() => {
    if (!isOwed(newest.get(socket))) socket.write(errorText(thrown.code ?? ''))
    socket.destroySoon()
  })
}

/** Whether something of an answer is still to come, or was given to the very request that failed. */
function isOwed(answer: ServerResponse | undefined): boolean {
  if (answer === undefined) return false
  if (answer.req.complete) return !answer.writableFinished
  // Without a socket it waits for the answers of requests before it.
  return answer.headersSent || answer.socket === null
}

function errorText(code: string): string {
  const error = errorOfParser[code]?.() ?? new TruelineError('invalid_request', 'This is no HTTP request.')
  const body = JSON.stringify(error.toJSON())
  const head = [
    `HTTP/1.1 ${error.status} ${reasons[error.status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
