import { type OutgoingHttpHeaders, request } from 'node:http'

export interface HttpAnswer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  /** The text as JSON; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers as they come
  readonly body: any
}

/** One request with just these headers, whatever a well-behaved client would add or refuse. */
export function send(
  url: string,
  method: 'GET' | 'POST' = 'GET',
  body?: string,
  headers: OutgoingHttpHeaders = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export function postJson(url: string, body: unknown): Promise<HttpAnswer> {
  return send(url, 'POST', JSON.stringify(body), { 'content-type': 'application/json' })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
