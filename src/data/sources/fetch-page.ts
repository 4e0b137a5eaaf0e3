import { TruelineError } from '../../core/errors.ts'
import { RetryAfter, waitOfHeader } from './retry-after.ts'

const MOST_BYTES = 64 * 2 ** 20

export interface FetchedPage {
  readonly body: unknown
  /** The `Link` header. */
  readonly link: string | null
}

export interface FetchOptions {
  readonly headers: Readonly<Record<string, string>>
  /** Longest wait for the whole answer, milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal
}

/**
 * One page of JSON, whole or not at all.
 * @throws TruelineError `source_unavailable` for what may pass: a broken or slow connection, 408, 425, 429, 5xx, a body
 *   that is cut off; `source_refused` for any other answer. Neither names what the address asks for.
 */
export async function fetchPage(url: URL, { headers, timeout, signal }: FetchOptions): Promise<FetchedPage> {
  const place = `${url.origin}${url.pathname}`
  const unavailable = (what: string, cause: unknown): TruelineError =>
    new TruelineError('source_unavailable', `${place} ${what}.`, { path: place, cause })
  const refused = (what: string): TruelineError =>
    new TruelineError('source_refused', `${place} ${what}.`, { path: place })
  let response: Response
  let bytes: Buffer | undefined
  try {
    response = await fetch(url, {
      headers: { accept: 'application/json', ...headers },
      // Another origin must not be sent the headers of this one.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    })
    bytes = response.ok ? await bodyOf(response) : undefined
    if (!response.ok) await response.body?.cancel()
  } catch (thrown) {
    signal.throwIfAborted()
    const { name, cause, message } = thrown as Error
    if (name === 'TimeoutError') throw unavailable(`did not answer within ${timeout} ms`, thrown)
    const why = (cause as NodeJS.ErrnoException | undefined)?.code ?? message
    throw unavailable(`broke off: ${why}`, thrown)
  }
  const { status, headers: answered } = response
  if (!response.ok) {
    if (status !== 408 && status !== 425 && status !== 429 && status < 500) throw refused(`answered ${status}`)
    const wait = waitOfHeader(answered.get('retry-after'), answered.get('date'))
    throw unavailable(`answered ${status}`, new RetryAfter(wait))
  }
  if (bytes === undefined) throw refused(`has a page of more than ${MOST_BYTES / 2 ** 20} MB`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refused('has a page that is not UTF-8')
  }
  try {
    return { body: JSON.parse(text), link: answered.get('link') }
  } catch (thrown) {
    throw unavailable('has a page that is no whole JSON', thrown)
  }
}

/** Undefined when it is too long. */
async function bodyOf(response: Response): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MOST_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
