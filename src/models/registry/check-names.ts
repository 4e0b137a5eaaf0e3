import { TruelineError } from '../../core/errors.ts'

const LONGEST_NAME = 256
const LONGEST_KEY = 250
const LONGEST_TEXT = 100_000

/**
 * Checks the name of a registered model: it stands in addresses such as `models:/NAME/3`.
 * @throws TruelineError `invalid_parameter`
 */
export function checkModelName(name: string): void {
  if (name.trim() === '') throw invalid('name', 'The name of a registered model cannot be empty.')
  if (name.length > LONGEST_NAME) throw invalid('name', `A name has at most ${LONGEST_NAME} characters.`)
  if (name === '.' || name === '..')
    throw invalid('name', `'${name}' is no name: where names become files it would lead elsewhere.`)
  if (/[/:\p{Cc}]/u.test(name)) throw invalid('name', `A name cannot hold '/', ':' or control characters: '${name}'.`)
}

/**
 * Checks the name of an alias. `latest` and `v` with a number are taken: they mean versions by themselves.
 * @throws TruelineError `invalid_parameter`
 */
export function checkAlias(alias: string): void {
  if (!/^[\w-]{1,255}$/.test(alias))
    throw invalid('alias', `An alias has 1 to 255 letters, digits, '_' and '-'; '${alias}' is none.`)
  if (/^(latest|v\d+)$/i.test(alias)) throw invalid('alias', `'${alias}' is reserved, and cannot be an alias.`)
}

/** @throws TruelineError `invalid_parameter` */
export function checkTag(key: string, value: string): void {
  if (key.trim() === '') throw invalid('key', 'The key of a tag cannot be empty.')
  if (key.length > LONGEST_KEY) throw invalid('key', `The key of a tag has at most ${LONGEST_KEY} characters.`)
  checkText('value', value)
}

/** @throws TruelineError `invalid_parameter` for more text than is kept */
export function checkText(what: string, text: string): void {
  if (text.length > LONGEST_TEXT)
    throw invalid(what, `It has ${text.length} characters; at most ${LONGEST_TEXT} are kept.`)
}

function invalid(path: string, message: string): TruelineError {
  return new TruelineError('invalid_parameter', message, { path })
}
