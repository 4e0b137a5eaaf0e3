import type { ErrorCode } from '../../../core/error-codes.ts'
import type { QuestionName } from './questions.ts'

/** What the thread that reads is asked. */
export interface ReadingRequest {
  readonly number: number
  readonly name: QuestionName
  readonly asked: readonly unknown[]
}

/** What it answers to the request of that number. */
export type ReadingReply =
  | { readonly number: number; readonly answer: unknown }
  | {
      readonly number: number
      readonly error: {
        readonly code: ErrorCode
        readonly message: string
        readonly path?: string
        readonly remedy: string
      }
    }
