import { TruelineError } from '../../core/errors.ts'
import { freeMemory } from '../../core/free-memory.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { Protection } from '../../operate/serving/protection/protection.ts'
import { errorHeaders } from './error-response.ts'
import type { Platform } from './platform.ts'
import { type PredictBody, parsePredictBody } from './predict-body.ts'
import { parsePredictQuery, predictFlags, withQuery } from './predict-query.ts'
import { predictText } from './predict-text.ts'
import type { PredictAnswer } from './prediction-answers.ts'
import { PieceRows } from './row-list.ts'
import { isLate, WrittenAnswers } from './written-answers.ts'

/** What a request for predictions is answered with: JSON. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** Answers requests for predictions, by whichever way they came. */
export interface PredictDesk {
  /**
   * The reply to a body, of which nothing is left when a large one is answered; never throws.
   * @param deadline when it must be there, microseconds of the platform's `elapsed`
   * @param mode how it was asked for, recorded with the predictions
   * @param query of its address, nothing of it checked
   */
  answer(
    model: string,
    body: Buffer,
    deadline: number,
    mode: string,
    query?: Readonly<Record<string, unknown>>,
  ): Reply | Promise<Reply>
  /** The reply that tells of an error. */
  refusal(thrown: unknown): Reply
}

const MOST_ROWS = 100_000
/** Answers to more rows are written while others are scored. */
const ROWS_AT_ONCE = 64
const noHeaders = {}

/** What was answered, the rows apart where there are many. */
interface Asked {
  readonly answer: PredictAnswer
  readonly written?: WrittenAnswers
}

/** @param errorOf any error as it is answered; told of each */
export function createPredictDesk(
  platform: Pick<Platform, 'predict'>,
  protection: Protection,
  errorOf: (thrown: unknown) => TruelineError,
): PredictDesk {
  const { slices } = protection

  function refusal(thrown: unknown): Reply {
    const error = errorOf(thrown)
    return { status: error.status, headers: errorHeaders(error), body: JSON.stringify(error.toJSON()) }
  }

  function ask(
    model: string,
    given: unknown,
    deadline: number,
    mode: string,
    query: Readonly<Record<string, unknown>> | undefined,
  ): Asked | Promise<Asked> {
    requireMembers(given)
    const body = (given ?? {}) as PredictBody
    const asked = query === undefined ? body : withQuery(body, parsePredictQuery(query))
    const { rows, features = false, freshness = false, reasons = false, explain = false } = asked
    if (typeof features !== 'boolean') throw noFlag('features')
    if (typeof freshness !== 'boolean') throw noFlag('freshness')
    if (typeof reasons !== 'boolean') throw noFlag('reasons')
    if (typeof explain !== 'boolean' && !(Number.isSafeInteger(explain) && (explain as number) >= 1))
      throw new TruelineError('invalid_request', 'explain must be true, false, or how many contributions to list.', {
        path: 'explain',
      })
    const isList = Array.isArray(rows) || rows instanceof PieceRows
    if (!isList || rows.length === 0 || rows.length > MOST_ROWS)
      throw new TruelineError('invalid_request', `rows must be an array of 1 to ${MOST_ROWS} objects.`, {
        path: 'rows',
      })
    const options = { features, freshness, reasons, explain: explain as boolean | number, deadline, mode }
    if (rows.length <= ROWS_AT_ONCE) {
      const answer = platform.predict(model, rows, options)
      return answer instanceof Promise ? answer.then((late) => ({ answer: late })) : { answer }
    }
    const answers = new WrittenAnswers(rows.length, features)
    const written = (answer: PredictAnswer): Asked =>
      answer.predictions.length === 0 ? { answer, written: answers } : { answer }
    const answer = platform.predict(model, rows, { ...options, answers })
    return answer instanceof Promise ? answer.then(written) : written(answer)
  }

  /** Nothing but rows that came too late: an answer of its own, so that whoever balances load sees it. */
  function tooLate({ answer: { predictions }, written }: Asked): Reply | undefined {
    const first = written?.first ?? predictions[0]
    if (first === undefined || !isLate(first) || !(written?.isLate ?? predictions.every(isLate))) return undefined
    protection.counts.deadlineExceeded += 1
    const reply = refusal(protection.late())
    if (first.decision === undefined) return reply
    return { ...reply, body: JSON.stringify({ ...protection.late().toJSON(), decision: first.decision }) }
  }

  function reply(asked: Asked): Reply | Promise<Reply> {
    const late = tooLate(asked)
    if (late !== undefined) return late
    const text = predictText(asked.answer, asked.written, slices)
    if (typeof text === 'string') return { status: 200, headers: noHeaders, body: text }
    return text.then((body) => ({ status: 200, headers: noHeaders, body }))
  }

  return {
    refusal,
    answer(model, body, deadline, mode, query) {
      try {
        const parsed = parsePredictBody(body, slices)
        if (parsed instanceof Promise)
          return parsed
            .then((given) => ask(model, given, deadline, mode, query))
            .then(reply)
            .catch(refusal)
            .finally(() => freeMemory(body))
        const answer = ask(model, parsed, deadline, mode, query)
        return answer instanceof Promise ? answer.then(reply).catch(refusal) : reply(answer)
      } catch (thrown) {
        return refusal(thrown)
      }
    },
  }
}

const members: readonly string[] = ['rows', ...predictFlags]

/** A misspelt flag would pass for one that was left out. */
function requireMembers(given: unknown): void {
  if (Array.isArray(given)) throw withoutRows('The body is an array.')
  if (typeof given !== 'object' || given === null) return
  for (const name in given) {
    if (members.includes(name)) continue
    // A row that is the whole body is no misspelt member.
    if (!('rows' in given) && nearestName(name, members) === undefined)
      throw withoutRows(`There is no member of the body '${name}', and no rows.`)
    throw unknownName('invalid_request', 'member of the body', name, members)
  }
}

function withoutRows(message: string): TruelineError {
  return new TruelineError('invalid_request', message, {
    path: 'rows',
    remedy: 'Put the rows into a list of that name, also where it is one: {"rows": [{...}]}.',
  })
}

function noFlag(path: string): TruelineError {
  return new TruelineError('invalid_request', `${path} must be true or false.`, { path })
}
