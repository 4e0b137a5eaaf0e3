import { TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { PredictBody } from './predict-body.ts'

/** What a predict request may ask for besides its rows, in its body or in its address. */
export const predictFlags = ['features', 'freshness', 'reasons', 'explain'] as const

/** The same in the body of a request as in its address. */
export type AskedFlags = Pick<PredictBody, (typeof predictFlags)[number]>

/**
 * What the address of a predict request asks for, such as `?explain=3&reasons=true`.
 * @throws TruelineError `invalid_request` for anything else: a misspelt flag would pass for one that was left out
 */
export function parsePredictQuery(query: Readonly<Record<string, unknown>>): AskedFlags {
  const asked: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(query)) {
    if (!(predictFlags as readonly string[]).includes(name))
      throw unknownName('invalid_request', 'parameter of the address', name, predictFlags)
    asked[name] = flagOf(name, value)
  }
  return asked
}

function flagOf(name: string, value: unknown): boolean | number {
  if (value === 'true') return true
  if (value === 'false') return false
  if (name === 'explain' && typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value)) return Number(value)
  const or = name === 'explain' ? ', or how many contributions to list' : ''
  throw new TruelineError('invalid_request', `${name} must be true or false${or}.`, { path: name })
}

/**
 * What a request asks for by its body and its address together.
 * @throws TruelineError `invalid_request` for what both say
 */
export function withQuery(body: PredictBody, query: AskedFlags): PredictBody {
  for (const name of predictFlags)
    if (query[name] !== undefined && body[name] !== undefined)
      throw new TruelineError('invalid_request', `${name} is said in the body and in the address.`, {
        path: name,
        remedy: 'Say it once.',
      })
  return { ...body, ...query }
}
