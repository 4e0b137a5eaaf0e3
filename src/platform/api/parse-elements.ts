import type { SlicedWork } from '../../core/slices.ts'
import type { JsonParser } from './parse-json.ts'

/** Bodies up to this size are parsed at once, larger ones in pieces of it; bytes. */
export const AT_ONCE = 64 * 1024

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c

/**
 * Parses the elements of the array whose content begins at `from`, some at a time.
 * @param take told of each piece: its elements, and where its text stands
 * @param parse of JSON; what it throws is thrown
 * @returns the place after the array; undefined for one that does not end, or has an empty element
 */
export async function parseElements(
  body: Buffer,
  from: number,
  take: (elements: readonly unknown[], from: number, until: number) => void,
  work: SlicedWork,
  parse: JsonParser,
): Promise<number | undefined> {
  let begin = from
  let depth = 0
  let at = from
  while (at < body.length) {
    const byte = body[at]!
    if (byte === QUOTE) {
      at = endOfText(body, at)
      continue
    }
    // Both kinds of brackets differ in one bit, and a piece with the wrong one is not parsed.
    const bracket = byte & 0xdf
    if (bracket === 0x5b) depth += 1
    else if (bracket === 0x5d) {
      if (depth === 0) break
      depth -= 1
    } else if (byte === COMMA && depth === 0 && at - begin >= AT_ONCE / 2) {
      if (takePiece(begin, at) === 0) return undefined
      begin = at + 1
      if (work.isOver()) await work.next()
    }
    at += 1
  }
  if (at >= body.length) return undefined
  const isWhole = begin === from
  if (takePiece(begin, at) === 0 && !(isWhole && isEmpty(body, begin, at))) return undefined
  return at + 1

  function takePiece(start: number, until: number): number {
    const piece = parse(`[${body.toString('utf8', start, until)}]`, body.subarray(0, start)) as unknown[]
    if (piece.length > 0) take(piece, start, until)
    return piece.length
  }
}

/** The place after the text whose quote is at `at`; beyond the body when it does not end. */
export function endOfText(body: Buffer, at: number): number {
  let next = at + 1
  while (next < body.length) {
    const byte = body[next]!
    if (byte === QUOTE) return next + 1
    next += byte === BACKSLASH ? 2 : 1
  }
  return next
}

function isEmpty(body: Buffer, from: number, to: number): boolean {
  return body.toString('latin1', from, to).trim() === ''
}
