import { createHash } from 'node:crypto'
import { canonicalJson } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'

const MAGIC_BYTES = 8
/** Magic, version and length of the header. */
const PREFIX_BYTES = 16
const CHECKSUM_BYTES = 32

/** Numbers that a model consists of. */
export type NumberArray = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array

/** What a kind of models is called in messages, and the eight letters that its bytes begin with. */
export interface EnvelopeKind {
  readonly name: string
  readonly magic: string
}

/** A model's bytes, opened: their checksum is right. */
export interface Envelope {
  readonly version: number
  readonly header: Readonly<Record<string, unknown>>
  /** What follows the header. */
  readonly body: Uint8Array
}

/**
 * The canonical bytes of a model, on any host. Numbers are little-endian: magic, version (uint32), length of the header
 * (uint32), header (canonical JSON in UTF-8), the arrays one after the other, and the SHA-256 of all before it.
 */
export function sealEnvelope(
  { magic }: EnvelopeKind,
  version: number,
  header: object,
  arrays: readonly NumberArray[],
): Uint8Array {
  const text = new TextEncoder().encode(canonicalJson(header))
  const contentBytes = PREFIX_BYTES + text.length + bytesOf(arrays)
  const bytes = new Uint8Array(contentBytes + CHECKSUM_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode(magic))
  view.setUint32(MAGIC_BYTES, version, true)
  view.setUint32(12, text.length, true)
  bytes.set(text, PREFIX_BYTES)
  let offset = PREFIX_BYTES + text.length
  for (const array of arrays) {
    bytes.set(bytesIn(array), offset)
    toLittleEndian(bytes.subarray(offset, offset + array.byteLength), array.BYTES_PER_ELEMENT)
    offset += array.byteLength
  }
  bytes.set(checksumOf(bytes.subarray(0, contentBytes)), contentBytes)
  return bytes
}

/**
 * Opens what `sealEnvelope` made.
 * @throws TruelineError `artifact_corrupt` for bytes that are cut, changed, of a version not among these, or of something else
 */
export function openEnvelope(bytes: Uint8Array, kind: EnvelopeKind, versions: readonly number[]): Envelope {
  if (bytes.length < PREFIX_BYTES + CHECKSUM_BYTES) throw corrupt(kind, 'it is cut short')
  if (magicOf(bytes) !== kind.magic) throw corrupt(kind, `it is no ${kind.name}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint32(MAGIC_BYTES, true)
  if (!versions.includes(version))
    throw corrupt(
      kind,
      `its format is version ${version}, and this program reads up to version ${Math.max(...versions)}`,
    )
  const contentBytes = bytes.length - CHECKSUM_BYTES
  if (!checksumOf(bytes.subarray(0, contentBytes)).equals(bytes.subarray(contentBytes)))
    throw corrupt(kind, 'its content does not match its checksum')
  const bodyStart = PREFIX_BYTES + view.getUint32(12, true)
  return {
    version,
    header: readHeader(bytes.subarray(PREFIX_BYTES, bodyStart), kind),
    body: bytes.subarray(bodyStart, contentBytes),
  }
}

/** The letters that a model's bytes begin with. */
export function magicOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC_BYTES))
}

/**
 * Fills arrays from a body, one after the other.
 * @throws TruelineError `artifact_corrupt` when the body is not as long as they are together
 */
export function readArrays(body: Uint8Array, arrays: readonly NumberArray[], kind: EnvelopeKind): void {
  if (body.length !== bytesOf(arrays)) throw corrupt(kind, 'its length does not match its header')
  let offset = 0
  for (const array of arrays) {
    const bytes = bytesIn(array)
    bytes.set(body.subarray(offset, offset + array.byteLength))
    toLittleEndian(bytes, array.BYTES_PER_ELEMENT)
    offset += array.byteLength
  }
}

/** The error of a model that cannot be read. */
export function corrupt({ name }: EnvelopeKind, fault: string, cause?: unknown): TruelineError {
  return new TruelineError(
    'artifact_corrupt',
    `The ${name} cannot be read: ${fault}.`,
    cause === undefined ? {} : { cause },
  )
}

/** Whether a value that was read is a whole number from 0 on. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function bytesOf(arrays: readonly NumberArray[]): number {
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)
}

function checksumOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest()
}

function readHeader(bytes: Uint8Array, kind: EnvelopeKind): Envelope['header'] {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof header === 'object' && header !== null) return header as Envelope['header']
  } catch (cause) {
    throw corrupt(kind, 'its header is no JSON', cause)
  }
  throw corrupt(kind, 'its header is no object')
}

/** Typed arrays lie in memory as the host writes numbers. */
const IS_LITTLE_ENDIAN: boolean = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** The bytes of an array as they lie in memory; to change them is to change it. */
function bytesIn({ buffer, byteOffset, byteLength }: NumberArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Turns bytes from the order of the host to little-endian, or back. */
function toLittleEndian(bytes: Uint8Array, size: number): void {
  if (IS_LITTLE_ENDIAN || size === 1) return
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse()
}
