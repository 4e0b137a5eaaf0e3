import type { Steps } from '../../../core/slices.ts'

/** Characters of a text that are written from one yield to the next. */
const CHARACTERS_OF_STEP = 2 ** 14

/**
 * The text of JSON.stringify for an object of texts, in pieces, made in steps: one of them, such as the ids of all predictions
 * of a large request, may have millions of characters.
 */
export function* jsonOfMembers(members: Readonly<Record<string, string>>): Steps<string[]> {
  const pieces = ['{']
  for (const [index, [name, value]] of Object.entries(members).entries()) {
    pieces.push(`${index === 0 ? '' : ','}${JSON.stringify(name)}:`)
    if (value.length > CHARACTERS_OF_STEP) yield* writeText(value, pieces)
    else pieces.push(JSON.stringify(value))
  }
  pieces.push('}')
  return pieces
}

function* writeText(text: string, into: string[]): Steps<void> {
  into.push('"')
  for (let from = 0; from < text.length; ) {
    let until = from + CHARACTERS_OF_STEP
    // Both halves of a character outside the basic plane stay together: a half alone would be escaped.
    if (isHighSurrogate(text.charCodeAt(until - 1))) until += 1
    into.push(JSON.stringify(text.slice(from, until)).slice(1, -1))
    from = until
    yield
  }
  into.push('"')
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}
