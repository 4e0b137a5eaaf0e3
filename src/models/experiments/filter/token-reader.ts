import { type FilterText, filterError, type Token, tokensOf } from './tokens.ts'

/** Reads the pieces of a filter one after the other. */
export interface TokenReader {
  peek(): Token
  next(): Token
  /** What is said of a mistake at a place. */
  fail(message: string, at: number): Error
}

/**
 * A reader of a text; its last piece, the end, is read as often as is asked.
 * @throws TruelineError `invalid_filter`, as `tokensOf`
 */
export function readTokens(text: string, what: FilterText): TokenReader {
  const tokens = tokensOf(text, what)
  let index = 0
  return {
    peek: () => tokens[index]!,
    next() {
      const token = tokens[index]!
      if (index < tokens.length - 1) index++
      return token
    },
    fail: (message, at) => filterError(message, at, what),
  }
}

/** @throws TruelineError `invalid_filter` when a piece is not this symbol */
export function expectSymbol(reader: TokenReader, token: Token, symbol: string): void {
  if (token.kind !== 'symbol' || token.text !== symbol)
    throw reader.fail(`expected ${symbol} and found ${token.written}`, token.at)
}

/** Whether it ends a list. */
export function isClosing(token: Token): boolean {
  return token.kind === 'symbol' && token.text === ')'
}

/** Whether it joins the parts of a key. */
export function isDot(token: Token): boolean {
  return token.kind === 'symbol' && token.text === '.' && !token.spaced
}

/** Whether it stands between double quotes, which may hold a part of a key. */
export function isDoubleQuoted(token: Token): boolean {
  return token.kind === 'string' && token.written.startsWith('"')
}

/** A keyword as it is written without quotes, in capitals; undefined of all else. */
export function keyword(token: Token): string | undefined {
  return token.kind === 'name' && !token.written.startsWith('`') ? token.text.toUpperCase() : undefined
}
