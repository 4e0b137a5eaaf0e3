import { setTimeout as wait } from 'node:timers/promises'
import type { Random } from '../../core/random.ts'

/** How hard delivery tries. */
export interface WebhookOptions {
  /** For jitter: many senders that fail together must not try again together. */
  readonly random: Random
  /** How long one attempt may take, in milliseconds; default 5,000. */
  readonly timeout?: number
  /** Default 6. */
  readonly attempts?: number
  /** Before the second attempt, in milliseconds, then doubling up to a minute; each wait is shortened by up to a half. Default 500. */
  readonly firstWait?: number
  /** Media type of the body; `application/json` unless given. */
  readonly contentType?: string
  /** Ends waiting and attempts. */
  readonly signal?: AbortSignal
}

/** What became of a delivery. */
export type WebhookResult =
  | { readonly delivered: true; readonly attempts: number }
  | {
      readonly delivered: false
      readonly attempts: number
      readonly reason: string
      /** What the receiver answered, where it did. */
      readonly status?: number
      /** How long it asked to be left alone, milliseconds. */
      readonly retryAfter?: number
      /** It did not answer in time: it may have taken the body, and may take a smaller one sooner. */
      readonly late?: true
    }

const LONGEST_WAIT = 60_000
/** Of an answer's body that is read so that its connection can be used again: milliseconds and bytes. */
const LONGEST_REST = 1000
const MOST_BYTES = 2 ** 16

/**
 * Posts a JSON body until the receiver answers 2xx. An answer of 4xx other than 408 and 429 is final: the same body would
 * be refused again. Who asks to be left alone (`Retry-After`) is, for up to a minute between two attempts. Never throws.
 */
export function deliverWebhook(url: string, body: unknown, options: WebhookOptions): Promise<WebhookResult> {
  return deliverText(url, JSON.stringify(body), options)
}

/** As `deliverWebhook`, with a body that is JSON already. */
export async function deliverText(url: string, text: string, options: WebhookOptions): Promise<WebhookResult> {
  const { random, timeout = 5000, attempts = 6, firstWait = 500, contentType = 'application/json', signal } = options
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const result = await post(url, text, contentType, timeout, signal)
    if (result === undefined) return { delivered: true, attempts: attempt }
    const { reason, final, ...answered } = result
    if (final || attempt === attempts) return { delivered: false, attempts: attempt, reason, ...answered }
    const longest = Math.min(firstWait * 2 ** (attempt - 1), LONGEST_WAIT)
    const asked = Math.min(result.retryAfter ?? 0, LONGEST_WAIT)
    await wait(
      Math.max(asked, longest * (1 - random.next() / 2)),
      undefined,
      signal === undefined ? {} : { signal },
    ).catch(() => undefined)
    if (signal?.aborted === true) return { delivered: false, attempts: attempt, reason: 'stopped' }
  }
  return { delivered: false, attempts: 0, reason: 'no attempt was allowed' }
}

interface Failure {
  readonly reason: string
  readonly final: boolean
  readonly status?: number
  readonly retryAfter?: number
  readonly late?: true
}

async function post(
  url: string,
  body: string,
  contentType: string,
  timeout: number,
  signal?: AbortSignal,
): Promise<Failure | undefined> {
  const limit = AbortSignal.timeout(timeout)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': contentType, 'user-agent': 'trueline' },
      body,
      // What is posted is for this address alone.
      redirect: 'manual',
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    })
    await readToEnd(response)
    if (response.ok) return undefined
    const { status } = response
    const final = status >= 400 && status < 500 && status !== 408 && status !== 429
    const retryAfter = retryAfterOf(response.headers)
    const isElsewhere = status >= 300 && status < 400
    return {
      ...{ reason: `answered ${status}${isElsewhere ? ', and redirects are not followed' : ''}`, final, status },
      ...(retryAfter === undefined ? {} : { retryAfter }),
    }
  } catch (thrown) {
    if (limit.aborted) return { reason: `no answer within ${timeout} ms`, final: false, late: true }
    return { reason: causeOf(thrown), final: false }
  }
}

/**
 * Reads the rest of an answer that nobody looks at, where it is short and comes soon: a connection serves the next request only
 * when it is read. Another one takes one round trip more, and two with TLS.
 */
async function readToEnd({ body }: Response): Promise<void> {
  if (body === null) return
  const reader = body.getReader()
  const leaveOff = (): Promise<void> => reader.cancel().catch(() => undefined)
  const late = setTimeout(leaveOff, LONGEST_REST)
  try {
    let bytes = 0
    while (bytes < MOST_BYTES) {
      const part = await reader.read()
      if (part.done) return
      bytes += part.value.length
    }
  } catch {
    // It has said what became of the body.
  } finally {
    clearTimeout(late)
    await leaveOff()
  }
}

/** Milliseconds of a `Retry-After`: in seconds, or a date, which is compared with the receiver's own. */
function retryAfterOf(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const until = Date.parse(text) - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(until) ? undefined : Math.max(0, until)
}

/** The system's word, such as ECONNREFUSED: the message of fetch itself says nothing. */
function causeOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown
  if (!(cause instanceof Error)) return String(cause)
  // Some errors have a code that is not there.
  const { code } = cause as NodeJS.ErrnoException
  return code === undefined ? cause.message : String(code)
}
