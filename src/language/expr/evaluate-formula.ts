import type { DataTypeName, Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { createDictionary } from './dictionary.ts'
import type { Formula, FormulaCall } from './formula.ts'
import { type FunctionName, functions, insideDomain, type ScalarFunction, zonedFunctions } from './functions.ts'
import { type TextFunction, textFunctions } from './text-functions.ts'

/** Functions of the table that take plain values: a raw row has no timestamps, only texts and numbers that may be some. */
export const plainFunctions: readonly FunctionName[] = (Object.keys(functions) as FunctionName[]).filter(
  (name) => !zonedFunctions.includes(name) && textFunctionNamed(name) === undefined,
)

/**
 * Checks that every function of a formula exists and takes so many arguments.
 * @throws TruelineError `formula_invalid`
 */
export function checkFormula(formula: Formula): void {
  if (formula.kind !== 'call') return
  const { function: name, arguments: given } = formula
  const own = textFunctionNamed(name)
  if (own === undefined && !isPlain(name)) throw unknownFunction(name)
  if (own !== undefined && (given.length < own.least || given.length > own.most))
    throw new TruelineError('formula_invalid', `${name}() takes ${own.takes}, not ${given.length} values.`, {
      path: name,
    })
  for (const argument of given) checkFormula(argument)
}

/**
 * The value of a formula for one row as it came, before any schema has read it. Missing members are null. Nothing is run
 * but functions of the two tables: those of the language over values, and those over texts.
 * @throws TruelineError `type_mismatch` for values that a function does not take
 * @example evaluateFormula(parseFormula('number(trim(amount)) * 2'), { amount: ' 4 ' }) // 8
 */
export function evaluateFormula(formula: Formula, row: Readonly<Record<string, unknown>>): Value {
  switch (formula.kind) {
    case 'literal':
      return formula.value
    case 'column':
      return memberOf(formula.name, row)
    case 'call':
      return evaluateCall(formula, row)
  }
}

function evaluateCall(call: FormulaCall, row: Readonly<Record<string, unknown>>): Value {
  const { function: name } = call
  const own = textFunctionNamed(name)
  const needed = name === 'if' ? chosenArguments(call, row) : call.arguments
  const given = needed.map((argument) => evaluateFormula(argument, row))
  if (own !== undefined) {
    if (own.nulls === 'strict' && given.includes(null)) return null
    const value = own.apply(given)
    if (value === undefined) throw mismatch(name, own.takes, given)
    return value
  }
  if (!isPlain(name)) throw unknownFunction(name)
  return applyFunction(name, functions[name], given)
}

/** Of `if`: the condition and the branch that it chooses. */
function chosenArguments(
  { arguments: given }: FormulaCall,
  row: Readonly<Record<string, unknown>>,
): readonly Formula[] {
  const [condition, yes, no] = given
  if (condition === undefined || yes === undefined) return given
  const chosen = evaluateFormula(condition, row) === true ? yes : no
  return chosen === undefined ? [condition] : [condition, chosen]
}

/** A function of the language's table, over values encoded as its rows are. */
function applyFunction(name: string, fn: ScalarFunction, given: readonly Value[]): Value {
  if (fn.nulls === 'strict' && given.includes(null) && given.length > 0) return null
  const known = given.find((value) => value !== null)
  // A null has no type of its own here: it is taken for one of the others.
  const types = given.map((value) => typeOf(value ?? known ?? false))
  const result = fn.result(types)
  if (result === undefined) throw mismatch(name, fn.takes, given)
  const dictionary = createDictionary()
  const encoded = given.map((value) => (typeof value === 'string' ? dictionary.encode(value) : numberOf(value)))
  const [first = Number.NaN, second = Number.NaN, third = Number.NaN] = encoded
  const value = ((): number => {
    switch (fn.form) {
      case 'unary':
        return fn.apply(first)
      case 'binary':
        return fn.apply(first, second)
      case 'ternary':
        return fn.apply(first, second, third)
      case 'fold':
        return encoded.slice(1).reduce((left, right) => fn.apply(left, right), first)
      case 'literals':
        return fn.prepare(given.slice(1).map((one, index) => ({ value: one, encoded: encoded[index + 1]! })))(first)
    }
  })()
  if (Number.isNaN(value)) return null
  if (result === 'bool') return value === 1
  if (result === 'string') return dictionary.decode(value)
  const settled = insideDomain(result, value)
  return Number.isNaN(settled) ? null : settled
}

function memberOf(name: string, row: Readonly<Record<string, unknown>>): Value {
  const value = Object.hasOwn(row, name) ? (row[name] ?? null) : null
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as Value
  throw new TruelineError('type_mismatch', `'${name}' is a list or an object, which no formula can take.`, {
    path: name,
  })
}

function typeOf(value: Exclude<Value, null>): DataTypeName {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  return Number.isSafeInteger(value) ? 'int' : 'number'
}

function numberOf(value: number | boolean | null): number {
  return value === null ? Number.NaN : Number(value)
}

function textFunctionNamed(name: string): TextFunction | undefined {
  return Object.hasOwn(textFunctions, name) ? textFunctions[name] : undefined
}

function isPlain(name: string): name is FunctionName {
  return plainFunctions.includes(name as FunctionName)
}

function unknownFunction(name: string): TruelineError {
  const names = [...Object.keys(textFunctions), ...plainFunctions]
  const nearest = nearestName(name, names)
  const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`
  return new TruelineError('formula_invalid', `There is no function '${name}'.${hint}`, {
    path: name,
    remedy: `The functions are ${names.join(', ')}.`,
  })
}

function mismatch(name: string, takes: string, given: readonly Value[]): TruelineError {
  const shown = given.map((value) => (value === null ? 'null' : typeWords[typeof value]))
  return new TruelineError('type_mismatch', `'${name}' takes ${takes}; here it is given ${shown.join(', ')}.`, {
    path: name,
  })
}

const typeWords: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', boolean: 'a bool' }
