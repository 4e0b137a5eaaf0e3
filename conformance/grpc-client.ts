import { type ClientHttp2Session, connect } from 'node:http2'
import { type Method, methods } from './messages.ts'
import { decode, encode, type Message } from './wire.ts'

/** What a call ended with. */
export interface GrpcAnswer {
  /** 0 is ok: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
  readonly status: number
  readonly said: string
  readonly messages: readonly Message[]
  /** Headers and trailers. */
  readonly headers: Readonly<Record<string, string>>
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes in the place of the request's own, prefix included. */
  readonly body?: Buffer
  /** Sent as so many frames. */
  readonly frames?: number
  /** Instead of that of the method. */
  readonly path?: string
}

const SERVICE = '/inference.GRPCInferenceService/'
const CALL_MS = 30_000

/** A gRPC client without encryption that sends what it is told, also what no client should. */
export interface GrpcClient {
  call(method: Method, request: Message | readonly Message[], options?: CallOptions): Promise<GrpcAnswer>
  close(): void
}

/** Connects to `host:port`. */
export function connectGrpc(address: string): GrpcClient {
  let session: ClientHttp2Session | undefined
  const connected = (): ClientHttp2Session => {
    if (session === undefined || session.closed || session.destroyed) {
      session = connect(`http://${address}`)
      session.on('error', () => undefined)
    }
    return session
  }
  return {
    call: (method, request, options = {}) => {
      const [asks, answers] = methods[method]
      const requests = Array.isArray(request) ? (request as readonly Message[]) : [request as Message]
      const body = options.body ?? Buffer.concat(requests.map((one) => framed(encode(asks, one))))
      return send(connected(), options.path ?? SERVICE + method, body, options, (bytes) => decode(answers, bytes))
    },
    // `close` would wait for a server that says nothing.
    close: () => session?.destroy(),
  }
}

/** A message behind its prefix. */
export function framed(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

function send(
  session: ClientHttp2Session,
  path: string,
  body: Buffer,
  { headers = {}, frames = 1 }: CallOptions,
  read: (bytes: Buffer) => Message,
): Promise<GrpcAnswer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    const seen: Record<string, string> = {}
    const chunks: Buffer[] = []
    const note = (given: object): void => {
      for (const [name, value] of Object.entries(given)) seen[name] = String(value)
    }
    stream.setTimeout(CALL_MS, () => stream.destroy(new Error(`it was not given in ${CALL_MS / 1000} s`)))
    stream.on('response', note)
    stream.on('trailers', note)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', (thrown: Error) => reject(new Error(`${path} had no answer over gRPC: ${thrown.message}`)))
    stream.on('close', () => {
      if (seen['grpc-status'] === undefined)
        return reject(new Error(`${path} ended without a status: ${JSON.stringify(seen)}`))
      try {
        const messages = unframed(Buffer.concat(chunks)).map(read)
        const said = decodeURIComponent(seen['grpc-message'] ?? '')
        resolve({ status: Number(seen['grpc-status']), said, messages, headers: seen })
      } catch (thrown) {
        reject(thrown)
      }
    })
    const size = Math.max(1, Math.ceil(body.length / frames))
    for (let at = 0; at < body.length; at += size) stream.write(body.subarray(at, at + size))
    stream.end()
  })
}

function unframed(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 1)
    if (bytes[at] !== 0) throw new Error('An answer is compressed, which was not asked for.')
    messages.push(bytes.subarray(at + 5, at + 5 + length))
    at += 5 + length
  }
  return messages
}
