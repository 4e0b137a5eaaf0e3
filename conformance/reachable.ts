import { connect } from 'node:net'

const CONNECT_MS = 10_000

/**
 * Takes a connection to each address that is given, and lets it go.
 * @throws Error with the address that nobody listens at
 */
export async function requireReachable(addresses: {
  readonly rest?: string | undefined
  readonly grpc?: string | undefined
}): Promise<void> {
  const { rest, grpc } = addresses
  if (rest !== undefined) await reach('--rest', rest, addressOf('--rest', rest))
  if (grpc !== undefined) await reach('--grpc', grpc, addressOf('--grpc', `http://${grpc}`))
}

function reach(option: string, given: string, { protocol, hostname, port }: URL): Promise<void> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const usual = protocol === 'https:' ? 443 : 80
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: port === '' ? usual : Number(port), timeout: CONNECT_MS })
    const fail = (why: string): void => {
      socket.destroy()
      reject(new Error(`Nothing answers at ${option} ${given}: ${why}.`))
    }
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
    socket.once('timeout', () => fail(`no connection within ${CONNECT_MS / 1000} s`))
    // A name with several addresses fails with an error of errors, which says nothing itself.
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message))
  })
}

function addressOf(option: string, given: string): URL {
  if (URL.canParse(given)) return new URL(given)
  throw new Error(`${option} is no address: ${given}`)
}
