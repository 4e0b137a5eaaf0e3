import type { SlicedWork, Slices } from '../../../core/slices.ts'
import { JsonNumbers } from '../../../models/inference/json-numbers.ts'
import { endOfText, parseElements } from '../parse-elements.ts'
import type { JsonParser } from '../parse-json.ts'

const QUOTE = 0x22
/** A member with an array, from the quote after its name on; sticky. */
const ARRAY = /\s*:\s*\[/y
/** Longest that may stand between the name of a member and its array. */
const BETWEEN = 64
/** Bytes that are searched at a time. */
const SEARCHED = 2 ** 20
/** Stands for the elements of an array that were parsed by themselves. */
const mark = (index: number): string => `trueline data ${index}`

/**
 * Parses a large request for inference: the data of its tensors in slices, and then all that is around them. A body in which that
 * might not be what JSON.parse makes of the whole is parsed whole.
 * @param sign ASCII; whether it stands in the text says which parser is asked for
 * @param parserOf a parser of JSON text; what it throws is thrown
 */
export async function parseLarge(
  text: Buffer,
  slices: Slices,
  sign: string,
  parserOf: (hasSign: boolean) => JsonParser,
): Promise<unknown> {
  const work = slices.begin()
  await work.next()
  const parse = parserOf(await includes(text, sign, work))
  const whole = (): unknown => parse(text.toString())
  const cut = await cutData(text, work, parse)
  // Escapes could spell the name of a member, or a mark, otherwise.
  if (cut === undefined || /\\|trueline data/.test(cut.around.join(''))) return whole()
  const { around, data } = cut
  const marked = around.map((part, index) => (index === 0 ? part : `"${mark(index - 1)}"${part}`)).join('')
  let json: unknown
  try {
    json = parse(marked)
  } catch {
    // The fault stands elsewhere in the body than in what is left of it.
    return whole()
  }
  return putBack(json, data) ? json : whole()
}

async function includes(text: Buffer, sign: string, work: SlicedWork): Promise<boolean> {
  for (let from = 0; from < text.length; from += SEARCHED) {
    if (text.subarray(from, from + SEARCHED + sign.length).includes(sign)) return true
    if (work.isOver()) await work.next()
  }
  return false
}

/** The elements of an array: numbers as such, as long as all are. */
type Data = JsonNumbers | unknown[]

function added(data: Data, piece: readonly unknown[]): Data {
  if (data instanceof JsonNumbers && data.add(piece)) return data
  const all: unknown[] = data instanceof JsonNumbers ? data.toArray() : data
  for (const element of piece) all.push(element)
  return all
}

/** The text with the content of each array named "data" cut out, and these contents; undefined where an array is broken. */
async function cutData(
  text: Buffer,
  work: SlicedWork,
  parse: JsonParser,
): Promise<{ readonly around: readonly string[]; readonly data: readonly Data[] } | undefined> {
  const around: string[] = []
  const data: Data[] = []
  let begin = 0
  for (let at = text.indexOf(QUOTE); at !== -1; at = text.indexOf(QUOTE, at)) {
    const end = endOfText(text, at)
    const isData = end - at === 6 && text.toString('latin1', at + 1, end - 1) === 'data'
    at = end
    if (work.isOver()) await work.next()
    if (!isData) continue
    ARRAY.lastIndex = 0
    if (!ARRAY.test(text.toString('latin1', end, end + BETWEEN))) continue
    const from = end + ARRAY.lastIndex
    let elements: Data = new JsonNumbers()
    const take = (piece: readonly unknown[]): void => {
      elements = added(elements, piece)
    }
    const after = await parseElements(text, from, take, work, parse)
    if (after === undefined) return undefined
    around.push(text.toString('utf8', begin, from))
    data.push(elements)
    begin = after - 1
    at = after
  }
  around.push(text.toString('utf8', begin))
  return { around, data }
}

/** Puts data where their marks stand; false where one is not the data of an input: another member had its name, for example. */
function putBack(json: unknown, data: readonly Data[]): boolean {
  const inputs = (json as { readonly inputs?: unknown } | null)?.inputs
  if (!Array.isArray(inputs)) return data.length === 0
  let found = 0
  for (const input of inputs as ({ data?: unknown } | null)[]) {
    if (typeof input !== 'object' || input === null || !Array.isArray(input.data)) continue
    if (input.data.length !== 1 || input.data[0] !== mark(found)) return false
    input.data = data[found]
    found += 1
  }
  return found === data.length
}
