import { TruelineError } from '../../../core/errors.ts'

/**
 * A piece of a filter.
 * - name: a word of a key or a keyword, or a part of a key between backticks
 * - string: between single or double quotes; between double quotes it may be a part of a key too
 */
export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'symbol' | 'end'
  /** As it is meant: without quotes. */
  readonly text: string
  /** As it is written. */
  readonly written: string
  /** Where it begins: characters from the start, counted from 1. */
  readonly at: number
  /** Whether white space stands before it. */
  readonly spaced: boolean
}

const SPACE = /\s+/y
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_])/uy
const NAME = /[\p{L}\p{N}_@#$-]+/uy
const SYMBOL = /[<>=!~]+|[().,]/y
const BACKTICKS = /`([^`]*)`/y
// A quote inside is doubled, or follows a backslash.
const SINGLE = /'((?:''|\\'|[^'])*)'/y
const DOUBLE = /"((?:""|\\"|[^"])*)"/y

/**
 * The pieces of a filter or an order; the last one is its end.
 * @throws TruelineError `invalid_filter` for a quote that does not end, and for a character that has no meaning
 */
export function tokensOf(text: string, what: FilterText): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    const space = matchAt(SPACE, text, at)
    at += space?.[0].length ?? 0
    const start = { at: at + 1, spaced: space !== null || at === 0 }
    if (at === text.length) return [...tokens, { kind: 'end', text: '', written: 'the end', ...start }]
    const last = tokens.at(-1)
    const before = last === undefined ? undefined : { ...last, end: last.at - 1 + last.written.length }
    const token = tokenAt(text, at, before)
    if (token === undefined) throw filterError(unreadable(text, at), at + 1, what)
    tokens.push({ ...token, ...start })
    at += token.written.length
  }
}

interface Before extends Pick<Token, 'kind' | 'text'> {
  readonly end: number
}

function tokenAt(
  text: string,
  at: number,
  before: Before | undefined,
): Pick<Token, 'kind' | 'text' | 'written'> | undefined {
  // A number that follows a key or its dot at once is a part of it, as in params.1
  const inKey = before !== undefined && before.end === at && (before.kind === 'name' || before.text === '.')
  const number = inKey ? null : matchAt(NUMBER, text, at)
  if (number !== null) return { kind: 'number', text: number[0], written: number[0] }
  const name = matchAt(NAME, text, at)
  if (name !== null) return { kind: 'name', text: name[0], written: name[0] }
  const ticks = matchAt(BACKTICKS, text, at)
  if (ticks !== null) return { kind: 'name', text: ticks[1]!, written: ticks[0] }
  const single = matchAt(SINGLE, text, at)
  if (single !== null) return { kind: 'string', text: single[1]!.replaceAll(/''|\\'/g, "'"), written: single[0] }
  const double = matchAt(DOUBLE, text, at)
  if (double !== null) return { kind: 'string', text: double[1]!.replaceAll(/""|\\"/g, '"'), written: double[0] }
  const symbol = matchAt(SYMBOL, text, at)
  return symbol === null ? undefined : { kind: 'symbol', text: symbol[0], written: symbol[0] }
}

function unreadable(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at)!)
  return '\'"`'.includes(character) ? `a ${character} that has no end` : `'${character}' has no meaning here`
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** What was given: a filter, an order, or columns. */
export type FilterText = 'filter' | 'order_by' | 'columns'

/**
 * What is said of a mistake in a filter, an order or columns.
 * @param at where it is: characters from the start, counted from 1
 */
export function filterError(message: string, at: number, what: FilterText): TruelineError {
  return new TruelineError('invalid_filter', `Invalid ${what} at character ${at}: ${message}.`, { path: what })
}
