import { textCode } from '../../core/text-code.ts'

/** Strings that come and go: codes below 0, so many of which are held at least. */
export interface PassingTexts {
  /** Code of a string; one that is held keeps its code. */
  encode(text: string): number
  /** The string of a code; undefined once it is forgotten. */
  decode(code: number): string | undefined
  /** The string of a lasting code (core/text-code.ts); undefined once it is forgotten. */
  textOf(lastingCode: number): string | undefined
}

interface Generation {
  readonly codes: Map<string, number>
  readonly texts: Map<number, string>
  readonly ofLastingCodes: Map<number, string>
}

/**
 * Holds the latest strings that came, and forgets the older half when they are twice as many as `most`: the memory that
 * strings of requests take is bounded, whoever sends them.
 */
export function createPassingTexts(most = 8192): PassingTexts {
  let young = generation()
  let old = generation()
  let last = 0

  function encode(text: string): number {
    const known = young.codes.get(text) ?? old.codes.get(text)
    if (known !== undefined) return known
    if (young.codes.size === most) {
      old = young
      young = generation()
    }
    last -= 1
    young.codes.set(text, last)
    young.texts.set(last, text)
    young.ofLastingCodes.set(textCode(text), text)
    return last
  }

  return {
    encode,
    decode: (code) => young.texts.get(code) ?? old.texts.get(code),
    textOf: (lastingCode) => young.ofLastingCodes.get(lastingCode) ?? old.ofLastingCodes.get(lastingCode),
  }
}

function generation(): Generation {
  return { codes: new Map(), texts: new Map(), ofLastingCodes: new Map() }
}
