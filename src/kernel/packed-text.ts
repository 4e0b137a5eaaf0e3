import { rankOfUnit } from './event-order.ts'

/** A first byte that says that the length follows in four others. */
const LONG = 255
const BYTES_OF_LENGTH = 4

/** Bytes that a text takes as `writeText` writes it. */
export function sizeOfText(text: string): number {
  return headSize(text.length) + text.length * (hasWideUnit(text) ? 2 : 1)
}

/** Bytes of the text that was written at a place. */
export function sizeOfPacked(bytes: Uint8Array, at: number): number {
  const head = headOf(bytes, at)
  return headSize(head >>> 1) + (head >>> 1) * ((head & 1) + 1)
}

/** Bytes that a text of so many units can take at most. */
export function mostSizeOf(length: number): number {
  return 1 + BYTES_OF_LENGTH + 2 * length
}

/**
 * Writes a text without loss, lone surrogates included: twice its length, one more when a unit takes two bytes, and its
 * units.
 * @returns where it ends
 */
export function writeText(bytes: Uint8Array, at: number, text: string): number {
  const { length } = text
  const start = writeHead(bytes, at, length * 2, length)
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 0xff) return writeWide(bytes, at, text)
    bytes[start + index] = unit
  }
  return start + length
}

function writeWide(bytes: Uint8Array, at: number, text: string): number {
  let end = writeHead(bytes, at, text.length * 2 + 1, text.length)
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    bytes[end++] = unit
    bytes[end++] = unit >>> 8
  }
  return end
}

/** Returns where the units begin. */
function writeHead(bytes: Uint8Array, at: number, head: number, length: number): number {
  if (headSize(length) === 1) {
    bytes[at] = head
    return at + 1
  }
  bytes[at] = LONG
  for (let byte = 0; byte < BYTES_OF_LENGTH; byte++) bytes[at + 1 + byte] = head >>> (8 * byte)
  return at + 1 + BYTES_OF_LENGTH
}

/** The text that was written at a place. */
export function readText(bytes: Uint8Array, at: number): string {
  const head = headOf(bytes, at)
  const length = head >>> 1
  const start = bytes.byteOffset + at + headSize(length)
  const isWide = (head & 1) === 1
  return Buffer.from(bytes.buffer as ArrayBuffer, start, length * (isWide ? 2 : 1)).toString(
    isWide ? 'utf16le' : 'latin1',
  )
}

/** Whether the text that was written at a place is this one. */
export function isText(bytes: Uint8Array, at: number, text: string): boolean {
  const head = headOf(bytes, at)
  if (head >>> 1 !== text.length) return false
  const width = (head & 1) + 1
  let byte = at + headSize(text.length)
  for (let index = 0; index < text.length; index++, byte += width)
    if (unitAt(bytes, byte, width) !== text.charCodeAt(index)) return false
  return true
}

/** Compares the id that was written at a place with another, as `compareIds` does. */
export function comparePackedId(bytes: Uint8Array, at: number, id: string): number {
  const head = headOf(bytes, at)
  const length = head >>> 1
  const width = (head & 1) + 1
  let byte = at + headSize(length)
  const shorter = Math.min(length, id.length)
  for (let index = 0; index < shorter; index++, byte += width) {
    const left = unitAt(bytes, byte, width)
    const right = id.charCodeAt(index)
    if (left !== right) return rankOfUnit(left) - rankOfUnit(right)
  }
  return length - id.length
}

function unitAt(bytes: Uint8Array, at: number, width: number): number {
  const unit = bytes[at] as number
  return width === 1 ? unit : unit + ((bytes[at + 1] as number) << 8)
}

function headSize(length: number): number {
  return length * 2 + 1 < LONG ? 1 : 1 + BYTES_OF_LENGTH
}

function headOf(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first !== LONG) return first
  let head = 0
  for (let byte = BYTES_OF_LENGTH; byte > 0; byte--) head = head * 256 + (bytes[at + byte] as number)
  return head
}

function hasWideUnit(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return true
  return false
}
