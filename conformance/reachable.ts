import { connect } from 'node:net'

const CONNECT_MS = 10_000

const FORMS = {
  '--rest': { asUrl: (given: string) => given, example: 'http://127.0.0.1:8000' },
  '--grpc': { asUrl: (given: string) => `http://${given}`, example: '127.0.0.1:8001' },
}
type Option = keyof typeof FORMS

/**
 * Takes a connection to each address that is given, and lets it go.
 * @throws Error with the address that nobody listens at, or that is none
 */
export async function requireReachable(addresses: {
  readonly rest?: string | undefined
  readonly grpc?: string | undefined
}): Promise<void> {
  const { rest, grpc } = addresses
  if (rest !== undefined) await reach('--rest', rest)
  if (grpc !== undefined) await reach('--grpc', grpc)
}

function reach(option: Option, given: string): Promise<void> {
  const { protocol, hostname, port } = addressOf(option, given)
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

function addressOf(option: Option, given: string): URL {
  const { asUrl, example } = FORMS[option]
  const url = URL.parse(asUrl(given))
  // A scheme too much makes a host of the scheme, and one too few a scheme of the host.
  if (url !== null && /^https?:$/.test(url.protocol) && !url.pathname.startsWith('//')) return url
  throw new Error(`${option} is no address: ${given}. Write it as ${example}.`)
}
