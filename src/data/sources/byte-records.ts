import { TruelineError } from '../../core/errors.ts'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const QUOTE = 34
/** A record longer than this is taken for an unclosed quote: what follows is read line by line again. */
const LONGEST = 4 * 1024 * 1024
/** No text file has lines of this length. */
const TOO_LONG = 4 * LONGEST

/** A record of a text file: a line, or several where a quoted field of CSV holds line feeds. */
export interface ByteRecord {
  /** Without its line end. */
  readonly bytes: Buffer
  /** Number of its first line, from 1. */
  readonly line: number
  /** Offset of the byte after its line end. */
  readonly end: number
  /** Whether it has a line end; only the last record may have none. */
  readonly isComplete: boolean
}

/** Where reading begins. */
export interface RecordStart {
  /** Bytes before it. */
  readonly offset: number
  /** Number of the line that begins there. */
  readonly line: number
}

/**
 * Cuts the bytes of a file into records.
 * @param chunks from `start` on
 * @param quoted whether a line feed between double quotes belongs to the record, as in CSV (RFC 4180)
 * @throws TruelineError `file_unreadable` for a line of many megabytes
 */
export async function* byteRecords(
  chunks: AsyncIterable<Buffer>,
  start: RecordStart,
  quoted: boolean,
): AsyncGenerator<ByteRecord> {
  let { offset, line } = start
  let pending: Buffer = Buffer.alloc(0)
  /** Bytes of `pending` that were looked at. */
  let seen = 0
  let isInside = false
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    let from = 0
    while (seen < pending.length) {
      let end = pending.indexOf(LINE_FEED, seen)
      const searched = end === -1 ? pending.length : end
      if (quoted && count(pending.subarray(seen, searched), QUOTE) % 2 === 1) isInside = !isInside
      seen = searched
      if (end === -1) break
      seen = end + 1
      if (isInside && seen - from <= LONGEST) continue
      if (isInside) {
        end = pending.indexOf(LINE_FEED, from)
        seen = end + 1
        isInside = false
      }
      const record = pending.subarray(from, end > from && pending[end - 1] === CARRIAGE_RETURN ? end - 1 : end)
      const length = end + 1 - from
      offset += length
      yield { bytes: record, line, end: offset, isComplete: true }
      line += count(pending.subarray(from, end + 1), LINE_FEED)
      from = end + 1
    }
    pending = pending.subarray(from)
    seen -= from
    if (pending.length > TOO_LONG)
      throw new TruelineError('file_unreadable', `Line ${line} is longer than ${TOO_LONG / 2 ** 20} MB.`)
  }
  if (pending.length > 0) yield { bytes: pending, line, end: offset + pending.length, isComplete: false }
}

function count(bytes: Buffer, byte: number): number {
  let found = 0
  for (let index = bytes.indexOf(byte); index !== -1; index = bytes.indexOf(byte, index + 1)) found += 1
  return found
}
