import { TruelineError } from '../../../core/errors.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import type { ReadingCall } from '../../api/mlflow/endpoint.ts'
import { readingEndpoints } from '../../api/mlflow/reading-endpoints.ts'
import { experimentQuestions } from '../experiments.ts'

/**
 * What is answered from the metadata alone, changes nothing, and may take long. What is asked, and the answers, are plain data that
 * can be handed from one thread to another.
 */
export const questions = { ...experimentQuestions, call: answerCall }

/** The names of the questions, what each is asked with, and what it answers. */
export type Questions = typeof questions
export type QuestionName = keyof Questions
export type Asked<Name extends QuestionName> =
  Parameters<Questions[Name]> extends [Metadata, ...infer Rest] ? Rest : never
export type AnswerTo<Name extends QuestionName> = Awaited<ReturnType<Questions[Name]>>

/** A call of the tracking protocol that only reads, answered as the bytes of its JSON. */
async function answerCall(
  metadata: Metadata,
  { method, path, fields, inQuery }: ReadingCall,
): Promise<Uint8Array<ArrayBuffer>> {
  const endpoint = readingEndpoints.find((one) => one.method === method && one.path === path)
  if (endpoint === undefined) throw new TruelineError('not_found', `There is nothing to read at ${method} ${path}.`)
  const answer = await endpoint.run({ host: { metadata }, fields, inQuery })
  return new TextEncoder().encode(JSON.stringify(answer))
}
