import { connect, type Socket } from 'node:net'

/** How a request ended: `ok`, or an HTTP status with its code, or what happened to the connection. */
export type Ending = (code: string) => void

/** One connection that has at most one request under way; lean, so that the client is no bottleneck beside the server. */
export interface LoadConnection {
  send(text: string, ended: Ending): void
  close(): void
}

const NO_HTTP = 'unreadable answer'
const CODE = /"code":"(\w+)"/

/**
 * Opens a connection; what is under way when it breaks ends with `connection`.
 * @param onClosed told once when it is of no use any more
 * @throws Error of the socket
 */
export function openConnection(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  onClosed: () => void,
): Promise<LoadConnection> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: hostname, port, noDelay: true })
    let received = ''
    let waiting: Ending | undefined
    const end = (code: string): void => {
      const ended = waiting
      waiting = undefined
      ended?.(code)
    }
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('connect', () =>
      resolve({
        send(text, ended) {
          waiting = ended
          socket.write(text)
        },
        close: () => socket.destroy(),
      }),
    )
    socket.on('close', () => {
      onClosed()
      end('connection')
    })
    socket.on('data', (chunk: string) => {
      received = received === '' ? chunk : received + chunk
      const head = received.indexOf('\r\n\r\n')
      if (head === -1) return
      const body = wholeBody(received, head)
      if (body === null) {
        end(NO_HTTP)
        socket.destroy()
      }
      if (typeof body !== 'string') return
      const code = codeOf(received.slice(9, 12), body)
      received = ''
      end(code)
    })
  })
}

/** The body of an answer that has come whole, undefined before, and null where its end cannot be told. */
function wholeBody(received: string, head: number): string | null | undefined {
  const headers = received.slice(0, head)
  const length = /\r\ncontent-length: *(\d+)/i.exec(headers)?.[1]
  if (length !== undefined) return received.length < head + 4 + Number(length) ? undefined : received.slice(head + 4)
  // One request is under way at a time: what ends like the last chunk is the last chunk.
  if (!/\r\ntransfer-encoding: *chunked/i.test(headers)) return null
  return received.endsWith('\r\n0\r\n\r\n') ? received.slice(head + 4) : undefined
}

/** A row that got an error is no prediction, also where its request is answered with 200. */
function codeOf(status: string, body: string): string {
  if (status === '200' && !body.includes('"error":')) return 'ok'
  const code = CODE.exec(body)?.[1]
  return code === undefined ? status : `${status} ${code}`
}
