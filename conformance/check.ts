import type { GrpcClient } from './grpc-client.ts'
import type { ModelMetadata } from './model-inputs.ts'
import type { RestClient } from './rest-client.ts'

/** A server that is looked at. */
export interface Subject {
  readonly rest: RestClient | undefined
  readonly grpc: GrpcClient | undefined
  readonly model: string
  /** As the server tells it, over REST where it speaks that. */
  readonly metadata: ModelMetadata
  readonly extensions: readonly string[]
}

/** One thing that the protocol says of a server. */
export interface Check {
  readonly name: string
  /** What the protocol says. */
  readonly says: string
  readonly over: 'rest' | 'grpc'
  /** The extension that a server has to name, to be asked. */
  readonly extension?: string
  /** Changes what serves: only where that is allowed. */
  readonly control?: true
  /** @throws Error that says what the server did instead; `DoesNotApply` where it cannot be asked */
  run(subject: Subject): Promise<void>
}

/** What became of a check. */
export interface Result {
  readonly name: string
  readonly says: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped. */
  readonly because?: string
}

/** Thrown by a check that says nothing of this server or model; its text says why. */
export class DoesNotApply extends Error {}

/** @throws Error with the text, where something is not so */
export function expect(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Error(otherwise)
}

/** @throws Error where two things differ as JSON */
export function expectSame(what: string, given: unknown, expected: unknown): void {
  const [one, other] = [given, expected].map((value) =>
    JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)),
  )
  expect(one === other, `${what} is ${one}, not ${other}`)
}
