import { type Check, DoesNotApply, type Result, type Subject } from './check.ts'
import { extensionChecks } from './extension-checks.ts'
import { grpcChecks } from './grpc-checks.ts'
import { connectGrpc, type GrpcClient } from './grpc-client.ts'
import { isModelMetadata, type ModelMetadata } from './model-inputs.ts'
import { restChecks } from './rest-checks.ts'
import { restClient } from './rest-client.ts'
import type { Message } from './wire.ts'

/** What is to be looked at. */
export interface Target {
  /** Such as `http://127.0.0.1:7700`. */
  readonly rest?: string | undefined
  /** Such as `127.0.0.1:7701`. */
  readonly grpc?: string | undefined
  readonly model: string
  /** Lets checks unload and load the model. */
  readonly control?: boolean
  /** Only checks whose name has this text. */
  readonly only?: string | undefined
}

/** All checks, in the order in which they are run. */
export const checks: readonly Check[] = [...restChecks, ...extensionChecks, ...grpcChecks]

/**
 * Runs the checks against a server; a check that does not apply is skipped, with the reason.
 * @param tell hears of each result when it is there
 * @throws Error when neither protocol tells what the model is
 */
export async function runChecks(
  { rest, grpc, model, control = false, only = '' }: Target,
  tell: (result: Result) => void = () => undefined,
): Promise<Result[]> {
  const clients = {
    rest: rest === undefined ? undefined : restClient(rest),
    grpc: grpc === undefined ? undefined : connectGrpc(grpc),
  }
  try {
    const subject: Subject = { ...clients, model, ...(await describe(clients, model)) }
    const results: Result[] = []
    for (const check of checks) {
      if (!check.name.includes(only)) continue
      // What a check that sends what no client should leaves of its connection is nothing to the next.
      const own = grpc === undefined || check.over !== 'grpc' ? undefined : connectGrpc(grpc)
      const result = await run(check, { ...subject, ...(own === undefined ? {} : { grpc: own }) }, control)
      own?.close()
      results.push(result)
      tell(result)
    }
    return results
  } finally {
    clients.grpc?.close()
  }
}

async function run(
  { name, says, over, extension, control, run: work }: Check,
  subject: Subject,
  mayControl: boolean,
): Promise<Result> {
  const skipped = (because: string): Result => ({ name, says, outcome: 'skipped', because })
  if (subject[over] === undefined) return skipped(`no ${over} address was given`)
  if (extension !== undefined && !subject.extensions.includes(extension))
    return skipped(`the server does not name the extension ${extension}`)
  if (control === true && !mayControl) return skipped('it changes what serves; --control allows it')
  try {
    await work(subject)
    return { name, says, outcome: 'passed' }
  } catch (thrown) {
    if (thrown instanceof DoesNotApply) return skipped(thrown.message)
    return { name, says, outcome: 'failed', because: whyOf(thrown) }
  }
}

/** Checks look into answers as they come: what is not where the protocol has it fails with an error of the language. */
function whyOf(thrown: unknown): string {
  if (thrown instanceof TypeError || thrown instanceof RangeError)
    return `the answer has not the form that the protocol gives it (${thrown.message})`
  return thrown instanceof Error ? thrown.message : String(thrown)
}

async function describe(
  { rest, grpc }: Pick<Subject, 'rest' | 'grpc'>,
  model: string,
): Promise<Pick<Subject, 'metadata' | 'extensions'>> {
  if (rest !== undefined) {
    const [{ json: server }, { status, json, body }] = [
      await rest.get('/v2'),
      await rest.get(`/v2/models/${encodeURIComponent(model)}`),
    ]
    if (status !== 200) throw new Error(`The metadata of ${model} is ${status}: ${body.toString()}`)
    if (!isModelMetadata(json))
      throw new Error(
        `The metadata of ${model} names no inputs and outputs to ask with: ${body.toString().slice(0, 300)}`,
      )
    return { metadata: json, extensions: Array.isArray(server?.extensions) ? server.extensions : [] }
  }
  if (grpc === undefined) throw new Error('Give the address of the server: --rest or --grpc.')
  return await describeOverGrpc(grpc, model)
}

async function describeOverGrpc(grpc: GrpcClient, model: string): Promise<Pick<Subject, 'metadata' | 'extensions'>> {
  const server = await grpc.call('ServerMetadata', {})
  const { said, messages } = await grpc.call('ModelMetadata', { name: model })
  const [found] = messages
  if (found === undefined) throw new Error(`The metadata of ${model} cannot be had: ${said}`)
  const specs = (name: string) =>
    (found[name] as readonly Message[]).map((spec) => ({
      ...spec,
      shape: (spec['shape'] as readonly bigint[]).map(Number),
    }))
  const metadata = { ...found, inputs: specs('inputs'), outputs: specs('outputs') } as unknown as ModelMetadata
  return { metadata, extensions: (server.messages[0]?.['extensions'] ?? []) as readonly string[] }
}
