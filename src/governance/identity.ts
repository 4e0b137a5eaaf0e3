import { TruelineError } from '../core/errors.ts'

/** Who does something. */
export interface Identity {
  readonly name: string
  /** True when the name was only claimed, with `--as`, and no login stands behind it. */
  readonly asserted: boolean
}

const LONGEST_NAME = 100
const PLATFORM = 'trueline'

/**
 * Who a person says to be, with `--as NAME`: recorded as asserted.
 * @throws TruelineError `invalid_arguments` for an empty or overlong name, control characters, and the platform's own
 *   names
 */
export function assertedIdentity(text: string): Identity {
  const name = text.normalize('NFC').trim()
  const refuse = (why: string) => new TruelineError('invalid_arguments', `A name ${why}.`, { path: 'as' })
  if (name === '') throw refuse('cannot be empty')
  if (name.length > LONGEST_NAME) throw refuse(`has at most ${LONGEST_NAME} characters`)
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name)) throw refuse('cannot hold invisible characters')
  if (isPlatform(name)) throw refuse(`cannot be one of the platform itself ('${PLATFORM}')`)
  return { name, asserted: true }
}

/**
 * The platform itself, when a part of it acts on its own.
 * @example platformIdentity('retraining') // { name: 'trueline:retraining', asserted: false }
 */
export function platformIdentity(part: string): Identity {
  return { name: `${PLATFORM}:${part}`, asserted: false }
}

/** Whether it is the platform that acts, not a person. */
export function isPlatformIdentity({ name }: Identity): boolean {
  return isPlatform(name)
}

/** Whether two names mean the same person: case and compatible forms of letters make no difference. */
export function samePerson(first: Identity, second: Identity): boolean {
  return folded(first.name) === folded(second.name)
}

function isPlatform(name: string): boolean {
  return folded(name) === PLATFORM || folded(name).startsWith(`${PLATFORM}:`)
}

function folded(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}
