import { TruelineError } from '../../core/errors.ts'
import type { SlicedWork, Slices } from '../../core/slices.ts'

/** What a predict request asks for; nothing of it is checked. */
export interface PredictBody {
  readonly rows?: unknown
  readonly features?: unknown
  readonly freshness?: unknown
  readonly reasons?: unknown
}

/** Bodies up to this size are parsed at once, larger ones in pieces of it; bytes. */
const AT_ONCE = 64 * 1024

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const flags = '"(?:features|freshness|reasons)"\\s*:\\s*(?:true|false)'
const beforeRows = new RegExp(`^\\s*\\{\\s*(?:${flags}\\s*,\\s*)*"rows"\\s*:\\s*\\[`)
const afterRows = new RegExp(`^\\s*(?:,\\s*${flags}\\s*)*\\}\\s*$`)
/** Longest that the text before and after the rows may be. */
const AROUND = 1024

/**
 * Parses the body of a predict request. Of a large one the rows are parsed in slices, so that others are answered
 * meanwhile; what comes out, and which body is refused, is what JSON.parse says of the whole.
 * @throws TruelineError `invalid_request`
 */
export function parsePredictBody(body: Buffer, slices: Slices): unknown {
  if (body.length <= AT_ONCE) return parse(body.toString())
  return parseInSlices(body, slices)
}

async function parseInSlices(body: Buffer, slices: Slices): Promise<unknown> {
  const work = slices.begin()
  await work.next()
  const before = beforeRows.exec(body.toString('latin1', 0, AROUND))?.[0]
  if (before === undefined) return parse(body.toString())
  const rows: unknown[] = []
  const end = await parseElements(body, before.length, rows, work)
  // Another member of the same name would count in the place of this one.
  if (end === undefined || body.length - end > AROUND || !afterRows.test(body.toString('latin1', end)))
    return parse(body.toString())
  const rest = parse(`${before}]${body.toString('latin1', end)}`) as PredictBody
  return { ...rest, rows }
}

/**
 * Parses the elements of the array whose content begins at `from`, some at a time.
 * @returns the place after the array; undefined for one that does not end, or has an empty element
 */
async function parseElements(
  body: Buffer,
  from: number,
  rows: unknown[],
  work: SlicedWork,
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
      if (!take(body, begin, at, rows)) return undefined
      begin = at + 1
      if (work.isOver()) await work.next()
    }
    at += 1
  }
  if (at >= body.length) return undefined
  const isWhole = begin === from
  const before = rows.length
  if (!take(body, begin, at, rows) && !(isWhole && rows.length === before && isEmpty(body, begin, at))) return undefined
  return at + 1
}

/** The place after the text whose quote is at `at`; beyond the body when it does not end. */
function endOfText(body: Buffer, at: number): number {
  let next = at + 1
  while (next < body.length) {
    const byte = body[next]!
    if (byte === QUOTE) return next + 1
    next += byte === BACKSLASH ? 2 : 1
  }
  return next
}

/** Adds the elements of a piece; false when there is none. */
function take(body: Buffer, from: number, to: number, rows: unknown[]): boolean {
  const elements = parse(`[${body.toString('utf8', from, to)}]`) as unknown[]
  for (const element of elements) rows.push(element)
  return elements.length > 0
}

function isEmpty(body: Buffer, from: number, to: number): boolean {
  return body.toString('latin1', from, to).trim() === ''
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TruelineError('invalid_request', 'The body is not valid JSON.', { cause })
  }
}
