import { once } from 'node:events'
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { TruelineError } from '../../../core/errors.ts'
import { pacedReading } from '../paced-reading.ts'
import { type FramedMessage, MessageFramer } from './grpc-framing.ts'
import { PREFIX_BYTES } from './grpc-inference.ts'
import type { GrpcAsked, GrpcMethod } from './grpc-methods.ts'
import { grpcStatus, percentEncoded, statusOfError, timeoutOf } from './grpc-status.ts'
import { decompressed, encodings } from './rest-body.ts'

export interface CallOptions {
  readonly method: GrpcMethod
  /** Most bytes of a message. */
  readonly messageLimit: number
  /** How long a client may not take up its answer, milliseconds. */
  readonly stalled: number
  /** How long a message may take to come whole, milliseconds, whatever the deadline of its call. */
  readonly receive: number
  /** Bytes that all calls together hold, and may hold. */
  readonly held: { bytes: number; readonly limit: number }
  /**
   * Lets a message be answered.
   * @throws TruelineError when the client asks too often
   */
  readonly admit: () => void
  /** Any error as it is answered; told of each. */
  readonly errorOf: (thrown: unknown) => TruelineError
}

/** Messages of a stream that wait to be answered: beyond, the client is not read from. */
const MOST_WAITING = 16
const HEADERS = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-accept-encoding': ['identity', ...encodings].join(','),
}
const WITH_TRAILERS = { waitForTrailers: true }
const OK = { 'grpc-status': String(grpcStatus.ok) }

/**
 * One call: takes its messages, answers each, and ends with a status.
 * Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export class GrpcCall {
  readonly #stream: ServerHttp2Stream
  readonly #options: CallOptions
  readonly #encoding: string | undefined
  readonly #framer: MessageFramer
  readonly #messages: FramedMessage[] = []
  /** What the message that is being answered wants called when the caller is gone: one at a time is answered. */
  #cancel: (() => void) | undefined
  readonly #asked: GrpcAsked & { timeout?: number | undefined }
  #timer: NodeJS.Timeout | undefined
  /** Until the message that has begun must be there. */
  #receiving: NodeJS.Timeout | undefined
  #trailers: Readonly<Record<string, string>> = OK
  #held = 0
  #received = 0
  #isRead = false
  #isAnswering = false
  #isOver = false

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, options: CallOptions) {
    this.#stream = stream
    this.#options = options
    this.#framer = new MessageFramer(options.messageLimit)
    this.#asked = {
      headers,
      onGone: (cancel) => {
        this.#cancel = cancel
      },
    }
    this.#encoding = headers['grpc-encoding'] as string | undefined
    // What a client does after it has gone is no error of the server.
    stream.on('error', () => undefined)
    stream.on('close', () => this.#close())
    this.#begin(headers['grpc-timeout'] as string | undefined)
  }

  #begin(timeout: string | undefined): void {
    const granted = timeout === undefined ? undefined : timeoutOf(timeout)
    if (timeout !== undefined && granted === undefined) {
      this.#end(grpcStatus.internal, `The timeout '${timeout}' is none.`)
      return
    }
    if (this.#encoding !== undefined && this.#encoding !== 'identity' && !encodings.includes(this.#encoding)) {
      this.#end(grpcStatus.unimplemented, `Messages in the encoding '${this.#encoding}' are not understood.`)
      return
    }
    this.#asked.timeout = granted
    const stream = this.#stream
    if (granted !== undefined)
      this.#timer = setTimeout(
        () => this.#end(grpcStatus.deadlineExceeded, 'The deadline of the call has passed.'),
        granted,
      )
    if (!this.#options.method.streams) this.#expectMessage()
    // A call of many messages is read from as they are answered.
    const pace = this.#options.method.streams ? undefined : pacedReading(stream, () => !stream.destroyed)
    stream.on('data', (chunk: Buffer) => {
      this.#take(chunk)
      pace?.(chunk.length)
    })
    stream.on('end', () => this.#finishReading())
  }

  /** Ends a call of many messages, once what came is answered; others end by themselves. */
  stop(): void {
    if (!this.#options.method.streams || this.#isOver) return
    if (this.#isAnswering) this.#messages.length = 0
    this.#end(grpcStatus.unavailable, 'The platform is shutting down.')
  }

  #take(chunk: Buffer): void {
    if (this.#isOver) return
    this.#hold(chunk.length)
    const { held } = this.#options
    if (held.bytes > held.limit) {
      this.#end(grpcStatus.resourceExhausted, 'Too many messages are on their way; try again in a moment.')
      return
    }
    const { streams } = this.#options.method
    try {
      for (const message of this.#framer.push(chunk)) {
        // The next one has its own time; that of a single one is over when the client has said that it was all.
        if (streams) this.#endExpecting()
        this.#received += 1
        this.#messages.push(message)
      }
    } catch (thrown) {
      this.#fail(thrown)
      return
    }
    if (!streams) {
      if (this.#received > 1) this.#end(grpcStatus.unimplemented, 'The method takes one message.')
      return
    }
    if (this.#messages.length > MOST_WAITING) {
      this.#stream.pause()
      this.#endExpecting()
    } else this.#expectRest()
    this.#answerStream()
  }

  #finishReading(): void {
    this.#isRead = true
    this.#endExpecting()
    if (this.#isOver) return
    const [message] = this.#messages
    if (this.#framer.held > 0) this.#end(grpcStatus.invalidArgument, 'The call ends in the middle of a message.')
    else if (this.#options.method.streams) this.#answerStream()
    else if (message === undefined) this.#end(grpcStatus.unimplemented, 'The method takes one message.')
    else this.#answerOne(message)
  }

  #answerOne(message: FramedMessage): void {
    try {
      const answer = this.#answer(message)
      if (answer instanceof Promise)
        answer.then(
          (late) => this.#send(late.finish()),
          (thrown) => this.#fail(thrown),
        )
      else this.#send(answer.finish())
    } catch (thrown) {
      this.#fail(thrown)
    }
  }

  #answer({ isCompressed, bytes, room }: FramedMessage): ReturnType<GrpcMethod['answer']> {
    const { method, messageLimit, admit } = this.#options
    admit()
    if (!isCompressed) return method.answer(bytes, room === undefined ? this.#asked : { ...this.#asked, room })
    if (this.#encoding === undefined || this.#encoding === 'identity')
      throw new TruelineError('invalid_request', 'A message is compressed, and the call names no encoding.')
    return decompressed(bytes, this.#encoding, messageLimit).then((message) => method.answer(message, this.#asked))
  }

  /** Answers one message of many after the other. */
  async #answerStream(): Promise<void> {
    if (this.#isAnswering) return
    this.#isAnswering = true
    try {
      for (let message = this.#messages.shift(); message !== undefined; message = this.#messages.shift()) {
        const { length } = message.bytes
        const answer = await this.#answer(message)
        if (this.#isOver) return
        this.#hold(-length - PREFIX_BYTES)
        if (!this.#stream.headersSent) this.#respond()
        // A client that does not read is not read from either.
        if (!this.#stream.write(framed(answer.finish()))) {
          this.#limitStall(this.#options.stalled)
          await once(this.#stream, 'drain')
          this.#limitStall(0)
        }
        if (this.#messages.length <= MOST_WAITING / 2) {
          this.#stream.resume()
          this.#expectRest()
        }
      }
      this.#isAnswering = false
      if (this.#isRead) this.#end(grpcStatus.ok, '')
    } catch (thrown) {
      this.#fail(thrown)
    }
  }

  /** The answer to a call of one message. */
  #send(message: Buffer): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#respond()
    this.#limitStall(this.#options.stalled)
    this.#stream.end(framed(message))
  }

  /** A client that does not take its answer must not keep it in memory: it is let go after so many milliseconds; 0 for never. */
  #limitStall(after: number): void {
    this.#stream.setTimeout(after, this.#letGo)
  }

  readonly #letGo = (): void => this.#stream.close(constants.NGHTTP2_CANCEL)

  #respond(): void {
    this.#stream.on('wantTrailers', () => {
      this.#stream.sendTrailers(this.#trailers)
      // Once they are on their way: a stream that is closed loses what it has not sent.
      setImmediate(() => this.#turnAway())
    })
    this.#stream.respond(HEADERS, WITH_TRAILERS)
  }

  #fail(thrown: unknown): void {
    if (this.#isOver) return
    const error = this.#options.errorOf(thrown)
    const { status, code, message, remedy, retryAfter = 1 } = error
    const isBusy = status === 503 || status === 429
    const pushback = isBusy ? { 'grpc-retry-pushback-ms': String(retryAfter * 1000) } : {}
    this.#end(statusOfError(error), `${code}: ${message} ${remedy}`, pushback)
  }

  /** A message that has begun is memory that others do not have. */
  #expectMessage(): void {
    const { receive } = this.#options
    const expire = (): void => this.#end(grpcStatus.deadlineExceeded, `No whole message came in ${receive / 1000} s.`)
    this.#receiving ??= setTimeout(expire, receive)
  }

  #expectRest(): void {
    if (this.#framer.held > 0) this.#expectMessage()
  }

  #endExpecting(): void {
    clearTimeout(this.#receiving)
    this.#receiving = undefined
  }

  #end(status: number, message: string, more: Readonly<Record<string, string>> = {}): void {
    if (this.#isOver || this.#stream.destroyed) return
    this.#isOver = true
    const trailers = {
      'grpc-status': String(status),
      ...(message === '' ? {} : { 'grpc-message': percentEncoded(message) }),
      ...more,
    }
    this.#limitStall(this.#options.stalled)
    if (this.#stream.headersSent) {
      this.#trailers = trailers
      this.#stream.end()
    } else {
      this.#stream.respond({ ...HEADERS, ...trailers }, { endStream: true })
      this.#stream.on('finish', () => this.#turnAway())
    }
    this.#stream.resume()
  }

  /** A client that still sends, when it has its status, is told that nobody listens. */
  #turnAway(): void {
    if (!this.#isRead) this.#stream.close(constants.NGHTTP2_NO_ERROR)
  }

  #hold(bytes: number): void {
    this.#held += bytes
    this.#options.held.bytes += bytes
  }

  #close(): void {
    this.#isOver = true
    this.#cancel?.()
    this.#cancel = undefined
    clearTimeout(this.#timer)
    this.#endExpecting()
    this.#messages.length = 0
    this.#hold(-this.#held)
  }
}

/** Fills the bytes that were left free before a message: it is not compressed, and this long. */
function framed(message: Buffer): Buffer {
  message[0] = 0
  message.writeUInt32BE(message.length - PREFIX_BYTES, 1)
  return message
}
