import { TruelineError } from '../../core/errors.ts'

/** A piece of a formula. */
export interface Token {
  /** `word` is a name or a keyword; `column` a name between backticks. */
  readonly kind: 'time' | 'number' | 'duration' | 'text' | 'column' | 'word' | 'sign' | 'end'
  /** As it is written, without the quotes of texts and columns. */
  readonly text: string
  /** Place of its first character, from 0. */
  readonly at: number
}

const pieces: readonly (readonly [Token['kind'], RegExp])[] = [
  ['time', /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)/y],
  ['duration', /\d+(?:ms|[smhd])(?![\w.])/y],
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y],
  ['text', /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/y],
  ['column', /`[^`]+`/y],
  ['word', /[A-Za-z_]\w*/y],
  ['sign', />=|<=|!=|<>|==|[-+*/()=<>,]/y],
]

/**
 * The pieces of a formula, the last one of kind `end`.
 * @throws TruelineError `formula_invalid`
 */
export function formulaTokens(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1
    if (at >= text.length) return [...tokens, { kind: 'end', text: '', at }]
    const token = tokenAt(text, at)
    tokens.push(token.token)
    at = token.end
  }
}

/** The error of a formula that cannot be read, with the place in it. */
export function formulaError(text: string, at: number, why: string): TruelineError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text
  return new TruelineError('formula_invalid', `${why} at character ${at + 1} of: ${shown}`, { path: shown })
}

function tokenAt(text: string, at: number): { readonly token: Token; readonly end: number } {
  for (const [kind, pattern] of pieces) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) continue
    const [found] = match
    return { token: { kind, text: unquoted(kind, found, text, at), at }, end: at + found.length }
  }
  const found = text.charAt(at)
  const what = found === '"' || found === "'" || found === '`' ? 'A quote that is not closed' : `Unexpected '${found}'`
  throw formulaError(text, at, what)
}

/** Double quotes are read as JSON reads them; between single quotes only the quote itself is doubled, as in SQL. */
function unquoted(kind: Token['kind'], found: string, text: string, at: number): string {
  if (kind === 'column') return found.slice(1, -1)
  if (kind !== 'text') return found
  if (found.startsWith("'")) return found.slice(1, -1).replaceAll("''", "'")
  try {
    return JSON.parse(found) as string
  } catch {
    throw formulaError(text, at, 'A text that JSON cannot read')
  }
}
