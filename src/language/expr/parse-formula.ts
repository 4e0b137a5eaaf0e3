import type { DataTypeName, Value } from '../../core/data-type.ts'
import { parseDuration, parseTime } from '../../core/time.ts'
import type { Formula } from './formula.ts'
import { formulaError, formulaTokens, type Token } from './formula-tokens.ts'

/** A column and what it is set to. */
export interface Assignment {
  readonly column: string
  readonly formula: Formula
}

/** Deeper ones are refused: nobody writes them, and reading one must not exhaust the stack. */
const DEEPEST = 100
const LONGEST = 10_000

/** What stands between two operands, with how tightly it binds: the same as in the formulas that the catalogue shows. */
export const operators: Readonly<Record<string, readonly [name: string, strength: number]>> = {
  or: ['or', 1],
  and: ['and', 2],
  '>': ['gt', 4],
  '>=': ['gte', 4],
  '<': ['lt', 4],
  '<=': ['lte', 4],
  '=': ['eq', 4],
  '==': ['eq', 4],
  '!=': ['ne', 4],
  '<>': ['ne', 4],
  '+': ['add', 5],
  '-': ['subtract', 5],
  '*': ['multiply', 6],
  '/': ['divide', 6],
}
const TEST = 4
const ARITHMETIC = 5

export const keywords: ReadonlySet<string> = new Set([
  'or',
  'and',
  'not',
  'is',
  'in',
  'between',
  'true',
  'false',
  'null',
])

/**
 * Reads a formula: columns, numbers, texts, times (`2001-01-31T09:30:00Z`), durations (`15m`, as microseconds), the usual
 * operators, `and`, `or`, `not`, `is null`, `between … and …`, `in (…)`, and calls of functions. A column whose name is no
 * word stands between backticks. Nothing is looked up and nothing is run.
 * @throws TruelineError `formula_invalid` with the place
 * @example parseFormula("trim(city) = 'Ulm'")
 */
export function parseFormula(text: string): Formula {
  const parser = createParser(text)
  const formula = parser.operand(0, 0)
  parser.end()
  return formula
}

/**
 * Reads an assignment.
 * @throws TruelineError `formula_invalid` with the place
 * @example parseAssignment('amount = number(trim(amount))')
 */
export function parseAssignment(text: string): Assignment {
  const parser = createParser(text)
  const column = parser.column()
  parser.expect('=')
  const formula = parser.operand(0, 0)
  parser.end()
  return { column, formula }
}

function createParser(text: string) {
  if (text.length > LONGEST) throw formulaError(text, LONGEST, `More than ${LONGEST} characters`)
  const tokens = formulaTokens(text)
  let place = 0
  const peek = (): Token => tokens[place]!
  const next = (): Token => tokens[place++]!
  const isNext = (sign: string): boolean => {
    const token = peek()
    return (token.kind === 'sign' && token.text === sign) || keywordOf(token) === sign
  }
  const take = (sign: string): boolean => {
    if (!isNext(sign)) return false
    place += 1
    return true
  }
  const unexpected = (wanted: string): never => {
    const { kind, text: found, at } = peek()
    throw formulaError(text, at, `${wanted} is expected${kind === 'end' ? '' : `, not '${found}',`}`)
  }
  const expect = (sign: string): void => {
    if (!take(sign)) unexpected(`'${sign}'`)
  }

  /** An operand and all that binds to it at least as tightly as `strength`. */
  function operand(strength: number, depth: number): Formula {
    if (depth > DEEPEST) throw formulaError(text, peek().at, `More than ${DEEPEST} levels`)
    let left = single(depth)
    for (;;) {
      const token = peek()
      const operator = operators[keywordOf(token) ?? (token.kind === 'sign' ? token.text : '')]
      if (operator !== undefined && operator[1] >= strength) {
        place += 1
        left = call(operator[0], left, operand(operator[1] + 1, depth + 1))
        continue
      }
      const test = strength <= TEST ? testOf(left, depth) : undefined
      if (test === undefined) return left
      left = test
    }
  }

  /** What may follow a value like a comparison: `is null`, `between`, `in`, each also with `not`. */
  function testOf(left: Formula, depth: number): Formula | undefined {
    if (take('is')) {
      const negated = take('not')
      expect('null')
      return negate(negated, call('isNull', left))
    }
    const following = tokens[place + 1]
    const negated = isNext('not') && ['between', 'in'].includes(keywordOf(following) ?? '')
    if (negated) place += 1
    if (take('between')) {
      const low = operand(ARITHMETIC, depth + 1)
      expect('and')
      return negate(negated, call('between', left, low, operand(ARITHMETIC, depth + 1)))
    }
    if (take('in')) {
      expect('(')
      return negate(negated, call('in', left, ...listed(depth)))
    }
    return undefined
  }

  function single(depth: number): Formula {
    if (take('not')) return call('not', operand(7, depth + 1))
    if (take('-')) {
      const token = peek()
      if (token.kind === 'number') return numberLiteral(-Number(next().text), token)
      return call('subtract', literal('int', 0), operand(7, depth + 1))
    }
    if (take('(')) {
      const inner = operand(0, depth + 1)
      expect(')')
      return inner
    }
    return value(depth)
  }

  function value(depth: number): Formula {
    const token = peek()
    const keyword = keywordOf(token)
    if (keyword === 'true' || keyword === 'false') {
      place += 1
      return literal('bool', keyword === 'true')
    }
    if (keyword === 'null') {
      place += 1
      return literal('string', null)
    }
    if (keyword !== undefined || token.kind === 'sign' || token.kind === 'end') return unexpected('A value')
    place += 1
    switch (token.kind) {
      case 'number':
        return numberLiteral(Number(token.text), token)
      case 'duration':
        return literal('int', parseDuration(token.text))
      case 'time':
        return literal('timestamp', timeOf(token))
      case 'text':
        return literal('string', token.text)
      case 'column':
        return { kind: 'column', name: token.text }
      case 'word':
        return take('(') ? call(token.text, ...listed(depth)) : { kind: 'column', name: token.text }
    }
  }

  /** Formulas up to the closing parenthesis, which is taken too. */
  function listed(depth: number): Formula[] {
    const items: Formula[] = []
    if (take(')')) return items
    do items.push(operand(0, depth + 1))
    while (take(','))
    expect(')')
    return items
  }

  function numberLiteral(number: number, { at }: Token): Formula {
    if (!Number.isFinite(number)) throw formulaError(text, at, 'A number that is too large')
    return literal(Number.isSafeInteger(number) ? 'int' : 'number', number + 0)
  }

  function timeOf({ text: time, at }: Token): number {
    try {
      return parseTime(time)
    } catch {
      throw formulaError(text, at, 'A time that is not of the calendar')
    }
  }

  return {
    operand,
    expect,
    column(): string {
      const token = peek()
      if (token.kind !== 'column' && (token.kind !== 'word' || keywordOf(token) !== undefined))
        return unexpected('The name of a column')
      return next().text
    },
    end(): void {
      if (peek().kind !== 'end') unexpected('The end')
    },
  }
}

/** The keyword that a token is, whatever its case. */
function keywordOf(token: Token | undefined): string | undefined {
  if (token?.kind !== 'word') return undefined
  const word = token.text.toLowerCase()
  return keywords.has(word) ? word : undefined
}

function call(name: string, ...given: Formula[]): Formula {
  return { kind: 'call', function: name, arguments: given }
}

function negate(negated: boolean, formula: Formula): Formula {
  return negated ? call('not', formula) : formula
}

function literal(type: DataTypeName, value: Value): Formula {
  return { kind: 'literal', type, value }
}
