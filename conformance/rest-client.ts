/** An answer over REST. */
export interface RestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
  /** The body as JSON, without binary data behind it; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: checks look into answers as they come
  readonly json: any
}

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
  const response = await fetch(url, { ...request, headers: { ...(headers as object), connection: 'close' } })
  const body = Buffer.from(await response.arrayBuffer())
  const length = response.headers.get('inference-header-content-length')
  return {
    status: response.status,
    headers: response.headers,
    body,
    json: parsed(body.toString('utf8', 0, Number(length ?? body.length))),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
