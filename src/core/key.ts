import type { DataTypeName, Value } from './data-type.ts'
import { formatTime } from './time.ts'

/** Logical partitions of every log, for life: a key's partition never changes. */
export const PARTITIONS = 64

/** What begins a field of each type in the text of a key. */
export const keyLetters: Readonly<Record<DataTypeName, string>> = {
  int: 'i',
  decimal: 'd',
  number: 'n',
  bool: 'b',
  string: 's',
  timestamp: 't',
}

const TIMESTAMP = keyLetters.timestamp.charCodeAt(0)

/**
 * Text of a key of one or more fields: for each field the letter of its type, the length of its text in UTF-8 bytes, a
 * colon, and the text; no two different keys share one. A key with a null field has no text.
 * @param types the type of each field; `values` in the same order
 * @example encodeKey(['string', 'int'], ['ORD', 7]) // 's3:ORDi1:7'
 */
export function encodeKey(types: readonly DataTypeName[], values: readonly Value[]): string | undefined {
  let key = ''
  for (let field = 0; field < types.length; field += 1) {
    const value = values[field]
    if (value === null || value === undefined) return undefined
    const text = String(value === 0 ? 0 : value)
    key += `${keyLetters[types[field]!]}${utf8Length(text)}:${text}`
  }
  return key
}

/**
 * A key's text as people read it: its fields with commas between them, times in ISO 8601.
 * @example describeKey('s3:ORDi1:7') // 'ORD, 7'
 */
export function describeKey(key: string): string {
  const bytes = Buffer.from(key)
  const fields: string[] = []
  for (let start = 0; start < bytes.length; ) {
    const colon = bytes.indexOf(':', start)
    const end = colon + 1 + Number(bytes.toString('utf8', start + 1, colon))
    const text = bytes.toString('utf8', colon + 1, end)
    fields.push(bytes[start] === TIMESTAMP ? formatTime(Number(text)) : text)
    start = end
  }
  return fields.join(', ')
}

/**
 * Partition of a key's text: FNV-1a of its UTF-8 bytes in 32 bits, modulo the number of partitions.
 * Source: Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash Algorithm" (RFC 9923).
 */
export function partitionOf(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) {
    const unit = key.charCodeAt(index)
    if (unit > 0x7f) return partitionOfBytes(key)
    hash = Math.imul(hash ^ unit, 0x01000193)
  }
  return (hash >>> 0) % PARTITIONS
}

function partitionOfBytes(key: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0) % PARTITIONS
}

function utf8Length(text: string): number {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return Buffer.byteLength(text)
  return text.length
}
