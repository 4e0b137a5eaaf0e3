import type { Slices } from '../../core/slices.ts'
import { AT_ONCE, parseElements } from './parse-elements.ts'
import { jsonParser } from './parse-json.ts'
import { PieceRows } from './row-list.ts'

/** What a predict request asks for; nothing of it is checked. */
export interface PredictBody {
  readonly rows?: unknown
  readonly features?: unknown
  readonly freshness?: unknown
  readonly reasons?: unknown
  readonly explain?: unknown
}

const flags = '"(?:(?:features|freshness|reasons|explain)"\\s*:\\s*(?:true|false)|explain"\\s*:\\s*\\d{1,9}(?!\\d))'
const beforeRows = new RegExp(`^\\s*\\{\\s*(?:${flags}\\s*,\\s*)*"rows"\\s*:\\s*\\[`)
const afterRows = new RegExp(`^\\s*(?:,\\s*${flags}\\s*)*\\}\\s*$`)
const parse = jsonParser()
/** Longest that the text before and after the rows may be. */
const AROUND = 1024

/**
 * Parses the body of a predict request. Of a large one the rows are parsed in slices, so that others are answered
 * meanwhile, and given as a list that reads them again; what comes out, and which body is refused, is what JSON.parse says of
 * the whole.
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
  const rows = new PieceRows(body)
  const take = ({ length }: readonly unknown[], from: number, until: number): void => rows.add(length, from, until)
  const end = await parseElements(body, before.length, take, work, parse)
  // Another member of the same name would count in the place of this one.
  if (end === undefined || body.length - end > AROUND || !afterRows.test(body.toString('latin1', end)))
    return parse(body.toString())
  const rest = parse(`${before}]${body.toString('latin1', end)}`) as PredictBody
  return { ...rest, rows }
}
