import { request } from 'node:http'
import type { ErrorCode } from '../../core/error-codes.ts'
import { errorCodes } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import { readOwner } from '../../stores/directory/owner.ts'
import type { OperationName } from '../api/operations.ts'
import { directoryOf } from './directory.ts'
import type { GlobalOptions } from './verb.ts'

/** Asks the platform that owns the data directory, over HTTP; opens the directory itself when nobody does. */
export async function callOperation<Answer>(
  name: OperationName,
  input: Record<string, unknown>,
  options: GlobalOptions,
): Promise<Answer> {
  const owner = await readOwner(directoryOf(options))
  if (owner?.url !== undefined) return (await callOwner(owner.url, name, input)) as Answer
  await checkInput(name, input)
  const { operations } = await import('../api/operations.ts')
  const { openPlatform } = await import('../app/open-platform.ts')
  const { projectTestsOf } = await import('../simulate/project-tests/tests-in-child.ts')
  const platform = await openPlatform({
    ...{ config: options.config, directory: directoryOf(options) },
    projectTests: projectTestsOf(options.config),
  })
  try {
    return (await operations[name].run(platform, input)) as Answer
  } finally {
    await platform.close()
  }
}

/** What the API refuses is refused here, too. */
async function checkInput(name: OperationName, input: Record<string, unknown>): Promise<void> {
  const { Value } = await import('typebox/value')
  const { operations } = await import('../api/operations.ts')
  const { complaintOf } = await import('../api/validation-words.ts')
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  const errors = Value.Errors(operations[name].input, given)
  if (errors.length === 0) return
  const { place, message } = complaintOf(errors, name)
  throw new TruelineError('invalid_arguments', message, { path: place.slice(1) })
}

/** Sends a request of the API to a running platform and gives its JSON answer, or throws its coded error. */
export async function callOwner(base: string, name: OperationName, input: Record<string, unknown>): Promise<unknown> {
  const { operations } = await import('../api/operations.ts')
  const { method, path } = operations[name]
  const rest = { ...input }
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, member: string) => {
    const value = String(rest[member])
    delete rest[member]
    return encodeURIComponent(value)
  })
  const query = new URLSearchParams()
  if (method === 'GET')
    for (const [member, value] of Object.entries(rest)) if (value !== undefined) query.set(member, String(value))
  return sendJson(
    `${base}${filled}${query.size === 0 ? '' : `?${query}`}`,
    method,
    method === 'POST' ? rest : undefined,
  )
}

/** One JSON request; training answers take minutes, so there is no time-out. */
export function sendJson(url: string, method: 'GET' | 'POST', body?: unknown): Promise<unknown> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, headers: text === undefined ? {} : { 'content-type': 'application/json' } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString('utf8')
          if ((response.statusCode ?? 500) < 400) resolve(JSON.parse(answer))
          else reject(errorOfAnswer(JSON.parse(answer) as ErrorAnswer))
        })
      },
    )
    sent.on('error', (cause) => {
      reject(
        new TruelineError('no_owner', `The platform at ${new URL(url).origin} does not answer: ${cause.message}.`, {
          cause,
        }),
      )
    })
    sent.end(text)
  })
}

/** The JSON shape of an error, as a platform of any version sends it. */
interface ErrorAnswer {
  readonly error: string
  readonly code: string
  readonly path?: string
  readonly remedy?: string
}

/** The error that an answer of the API carries. */
export function errorOfAnswer({ error, code, path, remedy }: ErrorAnswer): TruelineError {
  const known = code in errorCodes ? (code as ErrorCode) : 'internal'
  return new TruelineError(known, error, {
    ...(path === undefined ? {} : { path }),
    ...(remedy === undefined ? {} : { remedy }),
  })
}
