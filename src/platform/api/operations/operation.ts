import type { Static, TObject } from 'typebox'
import type { Platform } from '../platform.ts'

/** One thing that is asked of a platform by name. */
export interface Operation<Input extends TObject = TObject> {
  readonly method: 'GET' | 'POST'
  /** Members in braces come from the path; the others from the query (GET) or the body (POST). */
  readonly path: string
  readonly summary: string
  readonly input: Input
  /** Most bytes of a body, where more than requests have in general are meant to come. */
  readonly bodyLimit?: number
  readonly run: (platform: Platform, input: Static<Input>) => Promise<unknown>
}

/** An operation whose members are checked against each other. */
export function operation<Input extends TObject>(definition: Operation<Input>): Operation {
  return definition as unknown as Operation
}
