/** An answer over REST. */
export interface RestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
  /** The body as JSON, without binary data behind it; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: checks look into answers as they come
  readonly json: any
}

const ANSWER_MS = 30_000

/** A client of a server's REST address. */
export interface RestClient {
  get(path: string): Promise<RestAnswer>
  /** @param body sent as JSON, or bytes as they are */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<RestAnswer>
}

/** A client of `http://host:port`. */
export function restClient(url: string): RestClient {
  const base = url.replace(/\/+$/, '')
  return {
    get: (path) => send(base + path, { method: 'GET' }),
    post(path, body, headers = {}) {
      const isBytes = Buffer.isBuffer(body) || typeof body === 'string'
      return send(base + path, {
        method: 'POST',
        body: isBytes ? (body as string) : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      })
    },
  }
}

/** On a connection of its own: a server may end one that is kept at the very moment at which it is used again. */
async function send(url: string, { headers, ...request }: RequestInit): Promise<RestAnswer> {
  const signal = AbortSignal.timeout(ANSWER_MS)
  const asked = { ...request, signal, headers: { ...(headers as object), connection: 'close' } }
  const [response, body] = await fetch(url, asked)
    .then(async (answer) => [answer, Buffer.from(await answer.arrayBuffer())] as const)
    .catch((thrown: Error) => {
      throw new Error(`${request.method} ${url} ${whyNot(thrown)}`, { cause: thrown })
    })
  const length = response.headers.get('inference-header-content-length')
  return {
    status: response.status,
    headers: response.headers,
    body,
    json: parsed(body.toString('utf8', 0, Number(length ?? body.length))),
  }
}

/** What `fetch` says in the cause of its error, as it says nothing itself. */
function whyNot({ name, message, cause }: Error): string {
  if (name === 'TimeoutError') return `was not answered in ${ANSWER_MS / 1000} s`
  return `had no answer over HTTP: ${cause instanceof Error && cause.message !== '' ? cause.message : message}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
