import { TruelineError } from '../../core/errors.ts'

const LONGEST_PATH = 1024
/** How often a path may be percent-encoded over: each round of decoding must come to an end. */
const MOST_DECODINGS = 5

/**
 * A path of artifacts: names between single slashes. It leads nowhere else: neither absolute, nor with `..`, nor with that
 * percent-encoded, nor with backslashes, a drive's letter or control characters.
 * @returns the path without a slash at its end, and without `.`, which means where it stands
 * @throws TruelineError `invalid_parameter`
 * @example artifactPath('3/a1b2/artifacts/model/') // '3/a1b2/artifacts/model'
 */
export function artifactPath(text: string): string {
  const path = text
    .replace(/\/$/, '')
    .replace(/(?:^|\/)\.(?=\/|$)/g, '')
    .replace(/^\//, text.startsWith('/') ? '/' : '')
  const refuse = (why: string) =>
    new TruelineError('invalid_parameter', `Invalid path: ${JSON.stringify(text.slice(0, 200))} ${why}.`, {
      path: 'path',
      remedy: 'Name an artifact by names between single slashes, such as model/MLmodel.',
    })
  if (path === '') throw refuse('is empty')
  if (path.length > LONGEST_PATH) throw refuse(`has more than ${LONGEST_PATH} characters`)
  for (const form of decodedForms(path)) {
    if (/\p{Cc}/u.test(form)) throw refuse('holds control characters')
    if (form.includes('\\')) throw refuse('holds a backslash')
    if (/^(?:\/|[a-z]:|[a-z][a-z0-9+.-]*:\/)/i.test(form)) throw refuse('is absolute')
    if (form.split('/').some((name) => name === '' || name === '.' || name === '..'))
      throw refuse('holds an empty name, . or ..')
  }
  return path
}

/** A path as it is, and as whoever decodes it once more would read it. */
function decodedForms(path: string): string[] {
  const forms = [path]
  for (let time = 0; time < MOST_DECODINGS; time += 1) {
    const last = forms.at(-1)!
    const decoded = last.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    if (decoded === last) break
    forms.push(decoded)
  }
  return forms
}
