import { TruelineError } from '../../core/errors.ts'

/** Strings as whole numbers, so that rows of any type are columns of doubles. Codes mean nothing outside their dictionary. */
export interface Dictionary {
  /** How many strings it holds; codes are 0 to size - 1. */
  readonly size: number
  /** Code of a string; a new string gets the next code. */
  encode(text: string): number
  /**
   * The string of a code.
   * @throws TruelineError `internal` for a code that the dictionary never gave
   */
  decode(code: number): string
}

/** An empty dictionary. */
export function createDictionary(): Dictionary {
  const codes = new Map<string, number>()
  const texts: string[] = []
  return {
    get size() {
      return texts.length
    },
    encode(text) {
      let code = codes.get(text)
      if (code === undefined) {
        code = texts.length
        codes.set(text, code)
        texts.push(text)
      }
      return code
    },
    decode(code) {
      const text = texts[code]
      if (text === undefined)
        throw new TruelineError('internal', `${code} is no code of the dictionary (size ${texts.length})`)
      return text
    },
  }
}
