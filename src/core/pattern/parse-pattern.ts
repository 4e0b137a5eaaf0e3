import { TruelineError } from '../errors.ts'

/** A regular expression as a tree. */
export type PatternNode =
  /** One character: code points in pairs of first and last, or all others. */
  | { readonly kind: 'set'; readonly ranges: readonly number[]; readonly negated: boolean }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly min: number; readonly max: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }

type CharacterSet = Extract<PatternNode, { kind: 'set' }>

const MOST_REPEATS = 1000
const digits = [0x30, 0x39]
const words = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]
const spaces = [
  0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f,
  0x3000, 0x3000, 0xfeff, 0xfeff,
]
const lineEnds = [0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029]
const classes: Readonly<Record<string, readonly number[]>> = { d: digits, w: words, s: spaces }
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 }

/**
 * The tree of a regular expression of ECMAScript's syntax, without what cannot be matched in linear time (look-around,
 * back-references) and without \b and \p.
 * @throws TruelineError `definition_invalid`
 */
export function parsePattern(text: string): PatternNode {
  const characters = Array.from(text)
  let at = 0
  const refuse = (what: string): TruelineError =>
    new TruelineError('definition_invalid', `The pattern ${JSON.stringify(text)} ${what} (character ${at + 1}).`, {
      remedy: 'Use letters, classes, groups, alternatives, repetitions and the anchors ^ and $.',
    })
  const peek = (): string | undefined => characters[at]
  const take = (): string => {
    const character = characters[at]
    if (character === undefined) throw refuse('ends too early')
    at += 1
    return character
  }

  function choice(): PatternNode {
    const options = [sequence()]
    while (peek() === '|') {
      at += 1
      options.push(sequence())
    }
    return options.length === 1 ? options[0]! : { kind: 'choice', options }
  }

  function sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (peek() !== undefined && peek() !== '|' && peek() !== ')') parts.push(repeated(atom()))
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts }
  }

  function repeated(node: PatternNode): PatternNode {
    const bounds = repetition()
    if (bounds === undefined) return node
    if (node.kind === 'start' || node.kind === 'end') throw refuse('repeats an anchor')
    // A lazy repetition finds the same texts.
    if (peek() === '?') at += 1
    if (repetition() !== undefined) throw refuse('repeats a repetition')
    return { kind: 'repeat', node, ...bounds }
  }

  function repetition(): { min: number; max: number } | undefined {
    const next = peek()
    if (next === '*' || next === '+' || next === '?') {
      at += 1
      return { min: next === '+' ? 1 : 0, max: next === '?' ? 1 : Number.POSITIVE_INFINITY }
    }
    if (next !== '{') return undefined
    const match = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(characters.slice(at, at + 20).join(''))
    if (match === null) throw refuse('has a { that begins no repetition')
    at += match[0].length
    const min = Number(match[1])
    const max = match[2] === undefined ? min : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3])
    if (min > max || min > MOST_REPEATS || (max > MOST_REPEATS && max !== Number.POSITIVE_INFINITY))
      throw refuse(`repeats from ${min} to ${max} times; up to ${MOST_REPEATS} are possible`)
    return { min, max }
  }

  function atom(): PatternNode {
    const character = take()
    switch (character) {
      case '^':
        return { kind: 'start' }
      case '$':
        return { kind: 'end' }
      case '.':
        return { kind: 'set', ranges: lineEnds, negated: true }
      case '(':
        return group()
      case '[':
        return characterClass()
      case '\\':
        return escaped()
      case '*':
      case '+':
      case '?':
      case '{':
        throw refuse('repeats nothing')
      default:
        return single(character)
    }
  }

  function group(): PatternNode {
    if (peek() === '?') {
      at += 1
      if (take() !== ':') throw refuse('has a group with (? that is not (?:, such as look-around')
    }
    const inside = choice()
    if (peek() !== ')') throw refuse('has a group that does not end')
    at += 1
    return inside
  }

  function escaped(): CharacterSet {
    const character = take()
    const known = classes[character.toLowerCase()]
    if (known !== undefined) return { kind: 'set', ranges: known, negated: character !== character.toLowerCase() }
    const control = controls[character]
    if (control !== undefined) return { kind: 'set', ranges: [control, control], negated: false }
    if (character === 'x' || character === 'u') return codePoint(character === 'x' ? 2 : 4)
    if (/[A-Za-z1-9]/.test(character)) throw refuse(`uses \\${character}, which is not supported`)
    return single(character)
  }

  function codePoint(length: number): CharacterSet {
    const hexadecimal = characters.slice(at, at + length).join('')
    if (hexadecimal.length < length || !/^[0-9a-fA-F]+$/.test(hexadecimal))
      throw refuse('has an escape without its digits')
    at += length
    return single(String.fromCodePoint(Number.parseInt(hexadecimal, 16)))
  }

  function characterClass(): CharacterSet {
    const negated = peek() === '^'
    if (negated) at += 1
    const ranges: number[] = []
    while (peek() !== ']') {
      const first = classMember()
      if (peek() !== '-' || characters[at + 1] === ']' || characters[at + 1] === undefined) {
        ranges.push(...first.ranges)
        continue
      }
      at += 1
      const last = classMember()
      if (first.ranges.length !== 2 || last.ranges.length !== 2 || first.ranges[0]! > last.ranges[0]!)
        throw refuse('has a range that runs backwards, or of classes')
      ranges.push(first.ranges[0]!, last.ranges[1]!)
    }
    at += 1
    return { kind: 'set', ranges, negated }
  }

  function classMember(): CharacterSet {
    const character = take()
    if (character !== '\\') return single(character)
    const inside = escaped()
    if (inside.negated) throw refuse('negates a class inside of one')
    return inside
  }

  const root = choice()
  if (at < characters.length) throw refuse('has a ) without its (')
  return root
}

function single(character: string): CharacterSet {
  const code = character.codePointAt(0)!
  return { kind: 'set', ranges: [code, code], negated: false }
}
