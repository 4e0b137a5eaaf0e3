import type { Value } from '../../core/data-type.ts'
import { parseTime } from '../../core/time.ts'

/** A function over values as rows carry them, before any schema has read them: texts above all. */
export interface TextFunction {
  /** What it takes, in words, for errors. */
  readonly takes: string
  readonly least: number
  readonly most: number
  /** `strict`: null when any argument is null. */
  readonly nulls: 'strict' | 'own'
  /** Undefined for arguments that it does not take. */
  readonly apply: (given: readonly Value[]) => Value | undefined
}

/** The number that a text is written as: JSON's way, and also `+5`, `.5` and `5.`. */
const numberText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/**
 * Functions of formulas that mend rows. They are no part of a feature's meaning, so that they may do what a feature must
 * not, such as follow the host's tables of letters.
 */
export const textFunctions: Readonly<Record<string, TextFunction>> = {
  trim: onText((text) => text.trim()),
  lower: onText((text) => text.toLowerCase()),
  upper: onText((text) => text.toUpperCase()),
  length: onText((text) => text.length),
  replace: {
    takes: 'three texts: where, what, and by what',
    least: 3,
    most: 3,
    nulls: 'strict',
    apply: ([text, what, by]) =>
      isText(text) && isText(what) && isText(by) ? (what === '' ? text : text.replaceAll(what, () => by)) : undefined,
  },
  substring: {
    takes: 'a text, the place of the first character from 1, and how many',
    least: 2,
    most: 3,
    nulls: 'strict',
    apply([text, from, count = Number.MAX_SAFE_INTEGER]) {
      if (!isText(text) || !isPlace(from) || from < 1 || !isPlace(count)) return undefined
      return text.slice(from - 1, Math.min(text.length, from - 1 + count))
    },
  },
  concat: {
    takes: 'one or more texts',
    least: 1,
    most: Number.POSITIVE_INFINITY,
    nulls: 'strict',
    apply: (given) => (given.every(isText) ? given.join('') : undefined),
  },
  /** A number as it is, and the number that a text is written as. */
  number: {
    takes: 'a number or the text of one',
    least: 1,
    most: 1,
    nulls: 'strict',
    apply([value]) {
      if (typeof value === 'number') return value
      if (!isText(value)) return undefined
      const text = value.trim()
      const number = Number(text)
      return numberText.test(text) && Number.isFinite(number) ? number + 0 : undefined
    },
  },
  text: { takes: 'one value', least: 1, most: 1, nulls: 'strict', apply: ([value]) => String(value) },
  /** Microseconds: a number as it is, and the time that a text is written as. */
  time: {
    takes: 'a time as ISO 8601 text, or a number',
    least: 1,
    most: 1,
    nulls: 'strict',
    apply([value]) {
      if (typeof value === 'number') return value
      if (!isText(value)) return undefined
      try {
        return parseTime(value.trim())
      } catch {
        return undefined
      }
    },
  },
  /**
   * The second value where the condition holds, and the third, or null, where it does not or is null: only that one is
   * reckoned. The two need not be of one type, which the language's own `if` asks for: a row that is mended has none yet.
   */
  if: {
    takes: 'a condition and one or two values',
    least: 2,
    most: 3,
    nulls: 'own',
    apply([condition, chosen = null]) {
      return condition === null || typeof condition === 'boolean' ? chosen : undefined
    },
  },
}

function onText(apply: (text: string) => Value): TextFunction {
  return {
    ...{ takes: 'one text', least: 1, most: 1, nulls: 'strict' },
    apply: ([text]) => (isText(text) ? apply(text) : undefined),
  }
}

function isText(value: Value | undefined): value is string {
  return typeof value === 'string'
}

function isPlace(value: Value | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
