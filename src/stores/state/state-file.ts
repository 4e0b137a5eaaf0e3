import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { TruelineError } from '../../core/errors.ts'
import { errorCode, renameDurably, writeSynced } from '../durable-file.ts'

/** A part of a file of state: words of eight bytes that belong to one of its sections. */
export interface StateFrame {
  readonly section: number
  readonly words: Float64Array
}

/** What a file of state holds: a description, and frames in the order in which they were written. */
export interface StateContent {
  readonly header: unknown
  readonly frames: readonly StateFrame[]
}

/** 'TrlS' and the version of the format, in the byte order of the machine, which is that of all words. */
const MAGIC = Buffer.from(Uint32Array.of(0x54726c53, 1).buffer)
/** Before each frame: section, number of words, and a checksum of these two and the words. */
const HEAD_BYTES = 16
/** Sections that are not the caller's: the description, and the end with the number of frames as its words. */
const HEADER = 2 ** 32 - 2
const END = 2 ** 32 - 1
const READ_BYTES = 2 ** 23

/**
 * Writes a file of state so that it is there whole or not at all: a temporary file beside it, synced, takes its name.
 * Between two frames everybody else has a turn.
 * @param frames undefined where a step gave none
 * @param beforeIt awaited when all is written and the file has not its name yet
 * @returns bytes written
 * @throws TruelineError `disk_full`
 */
export async function writeStateFile(
  path: string,
  header: unknown,
  frames: Iterable<StateFrame | undefined>,
  beforeIt: () => Promise<void>,
): Promise<number> {
  const temporary = `${path}.tmp`
  await rm(temporary, { force: true })
  let bytes = 0
  await writeSynced(temporary, 0o600, async (file) => {
    const write = async (frame: Uint8Array): Promise<void> => {
      await file.writeFile(frame)
      bytes += frame.byteLength
    }
    await write(MAGIC)
    await write(frameOf(HEADER, wordsOfText(JSON.stringify(header))))
    let count = 0
    for (const frame of frames) {
      await setImmediate()
      if (frame === undefined) continue
      await write(frameOf(frame.section, frame.words))
      count += 1
    }
    await write(frameOf(END, Float64Array.of(count)))
  })
  await beforeIt()
  await renameDurably(temporary, path)
  return bytes
}

/**
 * Reads a whole file of state; undefined when there is none.
 * @throws TruelineError `state_unusable` when it is cut, changed, or of another format
 */
export function readStateFile(path: string): StateContent | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return undefined
    throw thrown
  }
  try {
    return readFrames(createByteReader(file), path)
  } finally {
    closeSync(file)
  }
}

/** Gives the next bytes, which hold until the next call; undefined when there are fewer. */
type ByteReader = (bytes: number) => Buffer | undefined

function readFrames(read: ByteReader, path: string): StateContent {
  const unusable = (why: string) => new TruelineError('state_unusable', `${path} ${why}.`, { path })
  if (read(MAGIC.length)?.equals(MAGIC) !== true) throw unusable('has another format')
  let header: StateFrame | undefined
  const frames: StateFrame[] = []
  for (;;) {
    const frame = readFrame(read)
    if (frame === undefined) throw unusable('is cut short, or its content is not what its checksums say')
    if (header === undefined) header = frame
    else if (frame.section !== END) frames.push(frame)
    else if (header.section === HEADER && frame.words[0] === frames.length)
      return { header: JSON.parse(textOfWords(header.words)), frames }
    else throw unusable('lacks some of its parts')
  }
}

function readFrame(read: ByteReader): StateFrame | undefined {
  const head = read(HEAD_BYTES)
  if (head === undefined) return undefined
  const section = head.readUInt32LE(0)
  const length = head.readUInt32LE(4)
  const checksum = head.readDoubleLE(8)
  const start = crc32(head.subarray(0, 8))
  const body = read(length * 8)
  if (body === undefined || crc32(body, start) !== checksum) return undefined
  const words = new Float64Array(length)
  new Uint8Array(words.buffer).set(body)
  return { section, words }
}

/** Reads a file in large pieces. */
function createByteReader(file: number): ByteReader {
  let left = fstatSync(file).size
  let buffer = Buffer.alloc(0)
  let at = 0
  return (bytes) => {
    const rest = buffer.subarray(at)
    if (bytes > rest.length + left) return undefined
    if (bytes > rest.length) {
      buffer = Buffer.allocUnsafe(Math.min(rest.length + left, Math.max(READ_BYTES, bytes)))
      rest.copy(buffer)
      for (let filled = rest.length; filled < buffer.length; ) {
        const got = readSync(file, buffer, filled, buffer.length - filled, null)
        if (got === 0) return undefined
        filled += got
      }
      left -= buffer.length - rest.length
      at = 0
    }
    at += bytes
    return buffer.subarray(at - bytes, at)
  }
}

function frameOf(section: number, words: Float64Array): Uint8Array {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + words.byteLength)
  frame.writeUInt32LE(section, 0)
  frame.writeUInt32LE(words.length, 4)
  frame.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), HEAD_BYTES)
  frame.writeDoubleLE(crc32(frame.subarray(HEAD_BYTES), crc32(frame.subarray(0, 8))), 8)
  return frame
}

/** A text padded with spaces to whole words: JSON does not mind. */
function wordsOfText(text: string): Float64Array {
  const bytes = Buffer.from(text)
  const words = new Float64Array(Math.ceil(bytes.length / 8))
  const padded = Buffer.from(words.buffer).fill(' ')
  padded.set(bytes)
  return words
}

function textOfWords(words: Float64Array): string {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength).toString()
}
