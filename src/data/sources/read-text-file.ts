import { isUtf8 } from 'node:buffer'
import { type FileHandle, open } from 'node:fs/promises'
import { TruelineError } from '../../core/errors.ts'
import { whereNoJson } from '../../core/json-fault.ts'
import { type ByteRecord, byteRecords } from './byte-records.ts'
import { csvFields } from './csv-fields.ts'
import { endsAt, endsOf, type FileNow, type FilePosition, isSettled, placeIn, unread } from './file-state.ts'
import { noteTypes } from './json-columns.ts'
import type { BrokenRow, SourcePage, SourceRow } from './source-page.ts'

const CHUNK = 256 * 1024
/** Characters of a piece that is shown. */
const MOST_SHOWN = 2000

export interface TextToRead {
  readonly format: 'csv' | 'jsonLines'
  readonly before: FilePosition | undefined
  /** Microseconds. */
  readonly now: number
  readonly rowsOfPage: number
}

/**
 * The rows of a text file from where it was read before. A last line without an end is half-written: it is left for the
 * next time, and taken once the file has not changed since; if it goes on after that, it is read once more.
 * @throws TruelineError `file_unreadable` for a file of UTF-16, without a header, or that cannot be read
 */
export async function* readTextFile(
  named: FileNow,
  { format, before, now, rowsOfPage }: TextToRead,
): AsyncGenerator<SourcePage> {
  // One file from here on, whatever bears its name in the meantime.
  await using handle = await open(named.path)
  const { size, mtimeMs: mtime } = await handle.stat()
  const file: FileNow = { ...named, size, mtime }
  const place = await placeIn(handle, size, before)
  let { offset, line } = place
  let half = place === unread ? undefined : before?.half
  let header = place === unread ? undefined : before?.header
  if (half !== undefined && !(await endsAt(handle, offset))) {
    ;({ offset, line } = half)
    if (half.isHeader) header = undefined
  }
  if (offset === 0) offset = await afterByteOrderMark(handle, file)
  const takesRest = isSettled(file, before, now)
  const columns: Record<string, string> = {}
  let rows: SourceRow[] = []
  let places: number[] = []
  let broken: BrokenRow[] = []
  let waiting = false

  const page = async (): Promise<SourcePage> => {
    const position: FilePosition = {
      size,
      mtime,
      offset,
      line,
      rows: 0,
      ends: await endsOf(handle, offset),
      ...(header === undefined ? {} : { header }),
      ...(half === undefined ? {} : { half }),
      ...(waiting ? { waiting: now } : {}),
    }
    const unfinished = waiting ? { isUnfinished: true as const } : {}
    const taken = { rows, places, broken, position, part: file.name, origin: file.name, ...unfinished }
    rows = []
    places = []
    broken = []
    if (header !== undefined) return { ...taken, columns: Object.fromEntries(header.map((name) => [name, 'text'])) }
    return Object.keys(columns).length === 0 ? taken : { ...taken, columns: { ...columns } }
  }

  if (offset >= size) {
    yield await page()
    return
  }
  const chunks = handle.createReadStream({ start: offset, end: size - 1, highWaterMark: CHUNK, autoClose: false })
  for await (const record of byteRecords(chunks, { offset, line }, format === 'csv')) {
    if (!record.isComplete && !takesRest) {
      waiting = true
      break
    }
    const isHeader = format === 'csv' && header === undefined
    take(record)
    half = record.isComplete ? undefined : { offset, line: record.line, isHeader }
    offset = record.end
    line = record.line + linesOf(record)
    if (rows.length + broken.length >= rowsOfPage) yield await page()
  }
  yield await page()

  function take(record: ByteRecord): void {
    if (record.bytes.length === 0) return
    const { line: place } = record
    const where = `Line ${place} of ${file.name}`
    if (!isUtf8(record.bytes)) {
      if (format === 'csv' && header === undefined) throw unreadable(file, 'its header is not UTF-8')
      broken.push({ text: shown(record.bytes.toString('latin1')), reason: `${where} is not UTF-8.` })
      return
    }
    const text = record.bytes.toString('utf8')
    if (format === 'jsonLines') takeJson(text, where, place)
    else if (header === undefined) header = headerOf(text)
    else takeFields(text, where, place, header)
  }

  function takeJson(text: string, where: string, place: number): void {
    if (text.trim() === '') return
    let row: unknown
    try {
      row = JSON.parse(text)
    } catch {
      row = undefined
    }
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) {
      noteTypes(columns, row as SourceRow)
      rows.push(row as SourceRow)
      places.push(place)
    } else {
      const fault = row === undefined ? whereNoJson(text) : ''
      broken.push({ text: shown(text), reason: `${where} is not a JSON object.${fault}` })
    }
  }

  function headerOf(text: string): readonly string[] {
    const names = csvFields(text)
    if (names === undefined || names.some((name) => name === null) || new Set(names).size < names.length)
      throw unreadable(file, 'its first line is no header: each column needs a name of its own')
    return names as string[]
  }

  function takeFields(text: string, where: string, place: number, names: readonly string[]): void {
    const fields = csvFields(text)
    if (fields?.length !== names.length) {
      const reason =
        fields === undefined
          ? `${where} has a quote that is not closed, or stands inside a field.`
          : `${where} has ${fields.length} fields; the header has ${names.length}.`
      broken.push({ text: shown(text), reason })
      return
    }
    const row: Record<string, string | null> = {}
    for (let index = 0; index < names.length; index += 1) row[names[index]!] = fields[index]!
    rows.push(row)
    places.push(place)
  }
}

/** @throws TruelineError `file_unreadable` for UTF-16 */
async function afterByteOrderMark(handle: FileHandle, file: FileNow): Promise<number> {
  const bytes = Buffer.alloc(4)
  const { bytesRead } = await handle.read(bytes, 0, 4, 0)
  const [first, second, third] = bytes
  const isMarked = bytesRead >= 2 && ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
  // Text of UTF-16 without a mark has a zero in each pair of bytes.
  if (isMarked || (bytesRead === 4 && (first === 0) !== (second === 0)))
    throw unreadable(file, 'it is UTF-16: save it as UTF-8')
  return bytesRead >= 3 && first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0
}

function unreadable({ name }: FileNow, why: string): TruelineError {
  return new TruelineError('file_unreadable', `${name} cannot be read: ${why}.`, { path: name })
}

function shown(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text
}

function linesOf({ bytes, isComplete }: ByteRecord): number {
  let lines = isComplete ? 1 : 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1
  return lines
}
