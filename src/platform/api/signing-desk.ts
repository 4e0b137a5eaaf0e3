import type { SignatureBundle } from '../../models/registry/signing/signature-bundle.ts'
import type { Actor } from './actor.ts'

/** What is signed of a version. */
export interface StatementAnswer {
  readonly model: string
  readonly version: number
  readonly digest: string
  /** An in-toto statement, as text: these bytes are signed. */
  readonly statement: string
}

/** A signature on a version. */
export interface SignatureAnswer {
  /** The SHA-256 of the public key as PEM, as the signature says it. */
  readonly key: string
  readonly by: string
  /** Microseconds. */
  readonly at: number
  readonly bundle: SignatureBundle
}

/** What is asked about signatures on versions. */
export interface SigningDesk {
  statement(model: string, version: number): Promise<StatementAnswer>
  sign(model: string, version: number, bundle: unknown, actor: Actor): Promise<SignatureAnswer>
  /** Oldest first. */
  signatures(model: string, version: number): Promise<readonly SignatureAnswer[]>
}
