import { TruelineError } from '../../core/errors.ts'
import { textCode } from '../../core/text-code.ts'
import { createPassingTexts } from './passing-texts.ts'

/** Strings as whole numbers, so that rows of any type are columns of doubles. Codes mean nothing outside their dictionary. */
export interface Dictionary {
  /** How many strings it holds; codes are 0 to size - 1. */
  readonly size: number
  /** Code of a string; a new string gets the next code. */
  encode(text: string): number
  /**
   * Code of a string that comes and goes, as those of requests do: its code if it has one, and else one below 0, which is
   * forgotten when some thousand others came. Such strings are in no state that lasts.
   */
  encodePassing(text: string): number
  /**
   * The string of a code.
   * @throws TruelineError `internal` for a code that the dictionary never gave
   */
  decode(code: number): string
  /** The code of a code's text that is the same everywhere (core/text-code.ts): what vectors hold. */
  lastingCode(code: number): number
  /** The text of a lasting code that this dictionary gave, or that passed of late; undefined for any other. */
  textOf(lastingCode: number): string | undefined
}

/** An empty dictionary. */
export function createDictionary(): Dictionary {
  const codes = new Map<string, number>()
  const texts: string[] = []
  /** By code, as far as they were asked for. */
  const lastingCodes = new Map<number, number>()
  const ofLastingCodes = new Map<number, string>()
  const passing = createPassingTexts()
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
    encodePassing: (text) => codes.get(text) ?? passing.encode(text),
    decode(code) {
      const text = code < 0 ? passing.decode(code) : texts[code]
      if (text === undefined)
        throw new TruelineError('internal', `${code} is no code of the dictionary (size ${texts.length})`)
      return text
    },
    lastingCode(code) {
      if (code < 0) return textCode(this.decode(code))
      let lasting = lastingCodes.get(code)
      if (lasting === undefined) {
        const text = this.decode(code)
        lasting = textCode(text)
        lastingCodes.set(code, lasting)
        ofLastingCodes.set(lasting, text)
      }
      return lasting
    },
    textOf: (lastingCode) => ofLastingCodes.get(lastingCode) ?? passing.textOf(lastingCode),
  }
}
