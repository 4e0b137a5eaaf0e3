import type { ErrorBody } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'

/** An answer that is not the one asked for: the platform's own coded error, or `unreachable` where none came. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly remedy: string
  readonly path: string | undefined

  constructor(status: number, body: ErrorBody) {
    super(body.error)
    this.name = 'ApiError'
    this.status = status
    this.code = body.code
    this.remedy = body.remedy
    this.path = body.path
  }
}

/**
 * Reads JSON from the platform.
 *
 * @param path below the address of the console, such as `api/v1/fleet`
 * @throws ApiError with the platform's code and remedy, or with `unreachable` or `answer_unreadable`
 */
export async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
  let response: Response
  try {
    response = await fetch(new URL(path, document.baseURI), { signal, headers: { accept: 'application/json' } })
  } catch (cause) {
    if (signal.aborted) throw cause
    throw new ApiError(0, {
      error: `The platform at ${location.host} does not answer.`,
      code: 'unreachable',
      remedy: `Start it with \`${commands.up()}\`; this page goes on asking by itself.`,
    })
  }
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok && body !== undefined) return body as T
  throw new ApiError(response.status, isErrorBody(body) ? body : unreadable(response.status))
}

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === 'object' && body !== null && 'error' in body && 'code' in body && 'remedy' in body
}

function unreadable(status: number): ErrorBody {
  return {
    error: `The answer (HTTP ${status}) is none that the console can read.`,
    code: 'answer_unreadable',
    remedy: 'Check that this address belongs to a Trueline platform of the same version as the console.',
  }
}
