import type { Socket } from 'node:net'
import { STATUS_CODES } from '../../core/http.ts'
import { ComingBody } from './coming-body.ts'
import { pacedReading } from './paced-reading.ts'
import type { PlainHead } from './plain-head.ts'
import type { Reply } from './predict-desk.ts'

/** What the connections of a server have in common. */
export interface PlainConnections {
  readonly read: (head: string) => PlainHead | undefined
  /** Told of each request: its answer is sent by `send`, one at a time. */
  readonly onRequest: (connection: PlainConnection, head: PlainHead) => void
  /** Takes a connection over before anything of its next request is read. */
  readonly handOver: (socket: Socket) => void
  /** The server takes plain requests: it listens, and is not about to stop. */
  readonly isOpen: () => boolean
  /** A connection is over, or handed over. */
  readonly onGone: (connection: PlainConnection) => void
  /** The Date header's value. */
  readonly date: () => string
  /** Microseconds. */
  readonly now: () => number
  /** How long a connection may be silent, and a client not take up its answer, milliseconds. */
  readonly keepAlive: number
  readonly stalled: number
}

const END_OF_HEAD = '\r\n\r\n'
/** Longest head that is looked at. */
const MOST_HEAD = 8192

/**
 * A connection whose requests are plain so far. They are read off the socket as they come, since the objects and events of
 * node's own server cost more than most predictions; the first request that is not plain goes to that server with all
 * that follows it.
 */
export class PlainConnection {
  readonly socket: Socket
  readonly #all: PlainConnections
  readonly #pace: (bytes: number) => void
  /** Of the request under way: whose body is still to come, or which is still to be answered. */
  #head: PlainHead | undefined
  #body: Buffer | undefined
  #coming: ComingBody | undefined
  #missing = 0
  #onBody: ((body: Buffer | undefined) => void) | undefined
  /** What came after it. */
  #next: Buffer[] = []
  /** It was answered before its body had come, whose rest is passed over. */
  #isSkipped = false
  /** When its head came, microseconds. */
  #since = 0
  #isEnded = false
  #isSlow = false
  /** It has not taken so many of its answers that it gets no more until it has. */
  #isFull = false
  /** It was refused, and what it asks next is looked at when it is read from again. */
  #isHeld = false

  constructor(socket: Socket, all: PlainConnections) {
    this.socket = socket
    this.#all = all
    this.#pace = pacedReading(socket, () => this.#missing > 0 && !socket.destroyed)
    socket.on('data', this.#onData)
    socket.on('drain', this.#onDrain)
    socket.on('resume', this.#onResume)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onClose)
    socket.on('error', this.#onError)
    socket.on('timeout', this.#onTimeout)
    socket.setTimeout(all.keepAlive)
  }

  get isGone(): boolean {
    return this.socket.destroyed
  }

  get isIdle(): boolean {
    return this.#head === undefined && !this.#isSkipped
  }

  /** The body of the request under way has come. */
  get isWhole(): boolean {
    return this.#missing === 0
  }

  /** The request under way was answered before its body has come. */
  get isAnswered(): boolean {
    return this.#isSkipped
  }

  /** The body of the request under way; undefined of a client that goes away before it has come. */
  body(): Buffer | Promise<Buffer | undefined> {
    if (this.#body !== undefined) return this.#body
    return new Promise((resolve) => {
      if (this.isGone) resolve(undefined)
      else this.#onBody = resolve
    })
  }

  /** Answers the request under way, and goes on to the one after it. */
  send({ status, headers, body }: Reply): void {
    const { socket } = this
    if (socket.destroyed) return
    const isText = typeof body === 'string'
    const length = isText ? Buffer.byteLength(body) : body.length
    const isLast = this.#isEnded || !this.#all.isOpen()
    const head = headOf(status, headers, length, isLast ? 'close' : 'keep-alive', this.#all)
    // A text of as many bytes as characters is ASCII, which is written several times as fast by that name.
    if (isText) socket.write(head + body, length === body.length ? 'latin1' : 'utf8')
    else {
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(body)
      socket.uncork()
    }
    this.#head = undefined
    this.#body = undefined
    this.#coming = undefined
    this.#isSkipped = !this.isWhole
    if (isLast) {
      socket.destroySoon()
      return
    }
    // A client that does not take its answer must not keep it in memory.
    if (socket.writableLength > 0) {
      socket.setTimeout(this.#all.stalled)
      this.#isSlow = true
      // Nor one that asks on, whose answers would pile up.
      if (socket.writableNeedDrain) {
        this.#isFull = true
        socket.pause()
        return
      }
    }
    this.#takeNext()
  }

  /** Refuses the request under way: whoever sent others behind it is not refused again before the socket is resumed. */
  refuse(reply: Reply): void {
    this.#isHeld = this.isWhole
    this.send(reply)
  }

  #takeNext(): void {
    if (this.#next.length > 0 && this.isIdle && !this.#isHeld) this.#take(Buffer.concat(this.#next.splice(0)))
  }

  /** Whether the body that is to come is not there yet although the head came before a time, microseconds. */
  isLate(before: number): boolean {
    return this.#missing > 0 && this.#since < before
  }

  /** Ends a connection that has no request under way. */
  endIdle(): void {
    if (this.isIdle) this.socket.destroySoon()
  }

  readonly #onResume = (): void => {
    // It may be paused again since the event was scheduled.
    if (!this.#isHeld || this.socket.isPaused()) return
    this.#isHeld = false
    this.#takeNext()
  }

  readonly #onDrain = (): void => {
    if (!this.#isFull) return
    this.#isFull = false
    this.socket.resume()
    if (this.#next.length > 0) this.#onData(Buffer.concat(this.#next.splice(0)))
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isFull || this.#isHeld) {
      this.socket.pause()
      this.#next.push(chunk)
      return
    }
    if (this.#isSlow) {
      this.socket.setTimeout(this.#all.keepAlive)
      this.#isSlow = false
    }
    if (this.#missing > 0) this.#addToBody(chunk)
    else if (this.#head === undefined) this.#take(chunk)
    else {
      // Whoever asks on without waiting for answers is read from when it has them.
      this.socket.pause()
      this.#next.push(chunk)
    }
  }

  /** Takes the next request from bytes that begin with it. */
  #take(chunk: Buffer): void {
    if (this.socket.isPaused()) this.socket.resume()
    const text = chunk.toString('latin1', 0, MOST_HEAD)
    const end = text.indexOf(END_OF_HEAD)
    const head = end === -1 || !this.#all.isOpen() ? undefined : this.#all.read(text.slice(0, end))
    if (head === undefined) {
      this.#handOver(chunk)
      return
    }
    const from = end + END_OF_HEAD.length
    this.#head = head
    const rest = chunk.subarray(from)
    if (rest.length >= head.bytes) {
      this.#missing = 0
      this.#body = rest.length === head.bytes ? rest : rest.subarray(0, head.bytes)
      if (rest.length > head.bytes) {
        this.socket.pause()
        this.#next.push(rest.subarray(head.bytes))
      }
    } else {
      this.#coming = new ComingBody(head.bytes)
      this.#coming.add(rest)
      this.#missing = head.bytes - rest.length
      this.#since = this.#all.now()
    }
    this.#all.onRequest(this, head)
  }

  #addToBody(chunk: Buffer): void {
    const own = chunk.length > this.#missing ? chunk.subarray(0, this.#missing) : chunk
    if (own.length < chunk.length) {
      this.socket.pause()
      this.#next.push(chunk.subarray(own.length))
    }
    const { length } = own
    this.#missing -= length
    this.#coming?.add(own)
    this.#pace(length)
    if (this.#missing > 0) return
    if (this.#isSkipped) {
      this.#isSkipped = false
      this.#takeNext()
      return
    }
    this.#body = this.#coming?.whole()
    this.#coming = undefined
    this.#onBody?.(this.#body)
    this.#onBody = undefined
  }

  #handOver(chunk: Buffer): void {
    const { socket } = this
    socket.off('data', this.#onData)
    socket.off('drain', this.#onDrain)
    socket.off('resume', this.#onResume)
    socket.off('end', this.#onEnd)
    socket.off('close', this.#onClose)
    socket.off('error', this.#onError)
    socket.off('timeout', this.#onTimeout)
    socket.setTimeout(0)
    socket.pause()
    socket.unshift(chunk)
    this.#all.onGone(this)
    this.#all.handOver(socket)
    socket.resume()
  }

  readonly #onEnd = (): void => {
    this.#isEnded = true
    if (this.isIdle) this.socket.end()
    else if (this.#missing > 0) this.socket.destroy()
  }

  readonly #onClose = (): void => {
    this.#onBody?.(undefined)
    this.#onBody = undefined
    this.#all.onGone(this)
  }

  /** A client that broke its connection off is no trouble of ours, and `close` follows. */
  readonly #onError = (): void => undefined

  readonly #onTimeout = (): void => {
    if (this.isIdle || this.#missing > 0 || this.socket.writableLength > 0) this.socket.destroy()
  }
}

function headOf(
  status: number,
  headers: Reply['headers'],
  length: number,
  connection: 'close' | 'keep-alive',
  { date, keepAlive }: PlainConnections,
): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${length}\r\n`
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`
  const kept = connection === 'close' ? '' : `Keep-Alive: timeout=${keepAlive / 1000}\r\n`
  return `${head}Date: ${date()}\r\nConnection: ${connection}\r\n${kept}\r\n`
}
