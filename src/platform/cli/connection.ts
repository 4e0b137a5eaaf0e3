import { existsSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { ErrorCode } from '../../core/error-codes.ts'
import { errorCodes } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import { request } from '../../core/http.ts'
import { formatTime } from '../../core/time.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { readOwner } from '../../stores/directory/owner.ts'
import { operationPaths } from '../api/operation-paths.ts'
import type { OperationName } from '../api/operations.ts'
import type { OwnedPlatform } from '../app/open-platform.ts'
import { directoryOf, USUAL_CONFIG } from './directory.ts'
import { printNote } from './output.ts'
import type { GlobalOptions } from './verb.ts'

/**
 * Asks the platform that owns the data directory, over HTTP; opens the directory itself when nobody does. Who only reads
 * makes no directory: one that was named and is not there is a mistake, and the project's own is empty as long as it is not.
 * @param begins what is read leads to what may begin a directory
 * @throws TruelineError `directory_not_found`, and what the operation does
 */
export async function callOperation<Answer>(
  name: OperationName,
  input: Record<string, unknown>,
  options: GlobalOptions,
  { begins = false }: { readonly begins?: boolean } = {},
): Promise<Answer> {
  const owner = await readOwner(directoryOf(options))
  if (owner?.url !== undefined) return (await callOwner(owner.url, name, input)) as Answer
  await checkInput(name, input)
  const { operations } = await import('../api/operations.ts')
  const reads = operations[name].method === 'GET'
  if (!reads || begins || existsSync(directoryOf(options))) return await ask(directoryOf(options))
  if (options.directory !== undefined) throw noDirectory(options, options.directory)
  await using empty = await mkdtempDisposable(join(tmpdir(), 'trueline-'))
  return await ask(empty.path)

  async function ask(directory: string): Promise<Answer> {
    const platform = await open(options, directory, reads)
    try {
      return (await operations[name].run(platform, input)) as Answer
    } finally {
      await platform.close()
    }
  }
}

function noDirectory(options: GlobalOptions, path: string): TruelineError {
  const own = directoryOf({ config: options.config, as: options.as })
  return new TruelineError('directory_not_found', `There is no data directory ${resolve(path)}.`, {
    path: '--directory',
    ...(existsSync(own) ? { remedy: `Correct the path, or leave --directory out: the project's own is ${own}.` } : {}),
  })
}

/**
 * Opens the data directory by the project file. Who only reads what is there needs none that can be used: the definitions
 * in force say what the data means then.
 */
async function open(options: GlobalOptions, directory: string, reads: boolean): Promise<OwnedPlatform> {
  const { openPlatform } = await import('../app/open-platform.ts')
  const { projectTestsOf } = await import('../simulate/project-tests/tests-in-child.ts')
  const projectTests = projectTestsOf(options.config)
  const instead = reads ? await definitionsInstead(options, directory) : undefined
  if (instead === undefined)
    return await openPlatform({ config: options.config, directory, projectTests, atRest: true })
  const folder = dirname(resolve(options.config))
  return await openPlatform({ config: instead, directory, folder, atRest: true })
}

/** What is in force in a data directory, where its project file cannot be used, with a note that says why. */
async function definitionsInstead(options: GlobalOptions, directory: string): Promise<ProjectDefinition | undefined> {
  const { loadProject } = await import('../app/load-project.ts')
  try {
    await loadProject(options.config)
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof TruelineError)) throw thrown
    // The data beside a project file that is misspelt is not what was asked for.
    const isGuess = options.directory === undefined && options.config !== USUAL_CONFIG
    if (thrown.code === 'config_not_found' && isGuess) throw thrown
    const { definitionsAtRest } = await import('../app/definitions-at-rest.ts')
    const { systemClock } = await import('../../core/clock.ts')
    const inForce = await definitionsAtRest(directory, systemClock())
    if (inForce === undefined) throw thrown
    const { code, message } = thrown
    printNote(`note: this is by the definitions in force since ${formatTime(inForce.at)} (${code}: ${message})`)
    return inForce.definition
  }
}

/** What the API refuses is refused here, too. */
async function checkInput(name: OperationName, input: Record<string, unknown>): Promise<void> {
  const { operations } = await import('../api/operations.ts')
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  // Where nothing is given and nothing needed there is nothing to check, and what checks takes its time to load.
  const { required = [] }: { readonly required?: readonly string[] } = operations[name].input
  if (Object.keys(given).length + required.length === 0) return
  const { Value } = await import('typebox/value')
  const { complaintOf } = await import('../api/validation-words.ts')
  const errors = Value.Errors(operations[name].input, given)
  if (errors.length === 0) return
  const { place, message } = complaintOf(errors, name)
  throw new TruelineError('invalid_arguments', message, { path: place.slice(1) })
}

/** Sends a request of the API to a running platform and gives its JSON answer, or throws its coded error. */
export async function callOwner(base: string, name: OperationName, input: Record<string, unknown>): Promise<unknown> {
  const [method, path] = operationPaths[name]
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
