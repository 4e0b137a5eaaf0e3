import { isUtf8 } from 'node:buffer'

/** Values in files are not nested deeper than this. */
const MOST_DEPTH = 64

/** Bytes of a number of each type. */
const WIDTHS: Readonly<Record<string, number>> = { i: 1, U: 1, I: 2, l: 4, L: 8, d: 4, D: 8 }

/**
 * Reads a value of Universal Binary JSON (draft 12, as XGBoost writes it: https://ubjson.org), numbers big-endian. Arrays of one type of
 * numbers become arrays of numbers. Memory is bounded by the bytes given: every length is checked against what is left.
 * @throws RangeError in a few words, for bytes that are cut or of something else
 */
export function readUbjson(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0

  function take(length: number): number {
    const from = at
    if (length > bytes.length - at) throw new RangeError('it ends in the middle of a value')
    at += length
    return from
  }
  const letter = (): string => String.fromCharCode(bytes[take(1)]!)
  function isNext(wanted: string): boolean {
    if (at >= bytes.length || bytes[at] !== wanted.charCodeAt(0)) return false
    at += 1
    return true
  }

  function numberAt(type: string, from: number): number {
    switch (type) {
      case 'i':
        return view.getInt8(from)
      case 'U':
        return view.getUint8(from)
      case 'I':
        return view.getInt16(from)
      case 'l':
        return view.getInt32(from)
      case 'L':
        return Number(view.getBigInt64(from))
      case 'd':
        return view.getFloat32(from)
      default:
        return view.getFloat64(from)
    }
  }

  function widthOf(type: string): number {
    const width = WIDTHS[type]
    if (width === undefined) throw new RangeError(`it has a value of the type '${type}' where there should be a number`)
    return width
  }

  function length(): number {
    const type = letter()
    const value = numberAt(type, take(widthOf(type)))
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`it has a length of ${value}`)
    return value
  }

  function text(): string {
    const size = length()
    const from = take(size)
    const part = bytes.subarray(from, from + size)
    if (!isUtf8(part)) throw new RangeError('it has a text that is no UTF-8')
    return new TextDecoder().decode(part)
  }

  function numbers(type: string): number[] {
    const width = widthOf(type)
    if (!isNext('#')) throw new RangeError('it has an array of one type and no length')
    const count = length()
    const from = take(count * width)
    return Array.from({ length: count }, (_, index) => numberAt(type, from + index * width))
  }

  function array(depth: number): unknown[] {
    if (isNext('$')) return numbers(letter())
    const values: unknown[] = []
    // Each value has at least one byte: more than there are bytes are refused where they end.
    if (isNext('#')) for (let left = length(); left > 0; left -= 1) values.push(value(depth + 1))
    else while (!isNext(']')) values.push(value(depth + 1))
    return values
  }

  function object(depth: number): Record<string, unknown> {
    const members: [string, unknown][] = []
    if (isNext('#')) for (let left = length(); left > 0; left -= 1) members.push([text(), value(depth + 1)])
    else while (!isNext('}')) members.push([text(), value(depth + 1)])
    return Object.fromEntries(members)
  }

  function value(depth: number): unknown {
    if (depth > MOST_DEPTH) throw new RangeError(`its values are nested more than ${MOST_DEPTH} times`)
    const type = letter()
    switch (type) {
      case '{':
        return object(depth)
      case '[':
        return array(depth)
      case 'S':
        return text()
      case 'C':
        return letter()
      case 'T':
        return true
      case 'F':
        return false
      case 'Z':
        return null
      default:
        return numberAt(type, take(widthOf(type)))
    }
  }

  const read = value(0)
  if (at !== bytes.length) throw new RangeError('something follows its end')
  return read
}
