import { createCipheriv, createDecipheriv, hash, hkdfSync, timingSafeEqual } from 'node:crypto'
import { canonicalJson } from '../../core/canonical.ts'
import type { Value } from '../../core/data-type.ts'

/**
 * What stands in place of a column's values: `seal`, a deterministic encryption, which the directory's secret opens;
 * `hash`, a keyed hash, which nothing opens. Equal values of columns of one name have equal texts either way.
 */
export type MaskKind = 'seal' | 'hash'

/** What is masked of the predictions of a block. */
export interface PredictionMasks {
  /** Columns of the row. */
  readonly columns: Readonly<Record<string, MaskKind>>
  /** Places of features that show such a column, or what is made of it alone: their values are left out. */
  readonly features: readonly number[]
  /** Name of the secret, once it is written. */
  readonly secret?: string
}

/** Masks rows, and opens what is sealed. */
export interface RowMasker {
  /** Tells secrets from each other; what was sealed with another one cannot be opened. */
  readonly name: string
  /** A row, as canonical JSON, with its masked columns replaced; a null stays one. */
  mask(row: string, columns: PredictionMasks['columns']): string
  /** A masked row with what was sealed; what was hashed, or sealed by another secret, is null. */
  open(row: string, columns: PredictionMasks['columns']): string
}

const IV_BYTES = 16

/**
 * A masker with the secret of a directory. Values are sealed with a synthetic nonce (after the idea of RFC 5297, with
 * HMAC-SHA256 in place of S2V): the nonce is a keyed hash of the column's name and the value, the value is encrypted with
 * AES-256 in counter mode from it, and the hash is checked when it is opened.
 * @param secret at least 32 random bytes
 */
export function createRowMasker(secret: Uint8Array): RowMasker {
  const key = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `trueline ${purpose}`, 32))
  const [nonceOf, hashOf] = [createKeyedHash(key('nonce')), createKeyedHash(key('hash'))]
  const cipherKey = key('seal')
  const keystream = createKeystream(cipherKey)

  function seal(column: string, text: string): string {
    const nonce = nonceOf(column, text)
    const sealed = Buffer.alloc(IV_BYTES + Buffer.byteLength(text))
    nonce.copy(sealed)
    sealed.write(text, IV_BYTES)
    const stream = keystream(nonce, sealed.length - IV_BYTES)
    for (let index = IV_BYTES; index < sealed.length; index += 1) sealed[index]! ^= stream[index - IV_BYTES]!
    return sealed.toString('base64url')
  }

  function openSealed(column: string, sealed: string): Value {
    const bytes = Buffer.from(sealed, 'base64url')
    const nonce = bytes.subarray(0, IV_BYTES)
    if (nonce.length < IV_BYTES) return null
    const cipher = createDecipheriv('aes-256-ctr', cipherKey, nonce)
    const text = Buffer.concat([cipher.update(bytes.subarray(IV_BYTES)), cipher.final()]).toString()
    return timingSafeEqual(nonce, nonceOf(column, text)) ? (JSON.parse(text) as Value) : null
  }

  function replaced(row: string, columns: PredictionMasks['columns'], replace: Replace): string {
    const values = JSON.parse(row) as Record<string, Value>
    for (const [column, kind] of Object.entries(columns)) {
      const value = values[column]
      if (value !== undefined && value !== null) values[column] = replace(column, kind, value)
    }
    return canonicalJson(values)
  }

  return {
    name: key('name').toString('hex', 0, 4),
    mask: (row, columns) =>
      replaced(row, columns, (column, kind, value) => {
        const text = JSON.stringify(value)
        return kind === 'seal' ? seal(column, text) : hashOf(column, text).toString('base64url')
      }),
    open: (row, columns) =>
      replaced(row, columns, (column, kind, value) => (kind === 'seal' ? openSealed(column, String(value)) : null)),
  }
}

/** Bytes that SHA-256 takes at a time, and gives. */
const HASH_BLOCK = 64
const HASH_BYTES = 32

/**
 * The first bytes of the HMAC-SHA256 of a column's name and a value. It is made of two hashes as RFC 2104 says: an object of
 * node's for each value costs ten times as much, and more than a prediction.
 */
function createKeyedHash(key: Buffer): (column: string, text: string) => Buffer {
  const padded = (pad: number, more: number): Buffer => {
    const bytes = Buffer.alloc(HASH_BLOCK + more)
    for (let index = 0; index < HASH_BLOCK; index += 1) bytes[index] = (key[index] ?? 0) ^ pad
    return bytes
  }
  let inner = padded(0x36, 1024)
  const outer = padded(0x5c, HASH_BYTES)
  return (column, text) => {
    const message = `${column.length} ${column}${text}`
    const end = HASH_BLOCK + Buffer.byteLength(message)
    if (end > inner.length) inner = padded(0x36, end)
    inner.write(message, HASH_BLOCK)
    hash('sha256', inner.subarray(0, end), 'buffer').copy(outer, HASH_BLOCK)
    return hash('sha256', outer, 'buffer').subarray(0, IV_BYTES)
  }
}

/** What AES-256 in counter mode combines a text with: its counters, encrypted, by one cipher for all values. */
function createKeystream(key: Buffer): (nonce: Buffer, bytes: number) => Buffer {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
  return (nonce, bytes) => {
    const counters = Buffer.alloc(Math.ceil(bytes / IV_BYTES) * IV_BYTES)
    for (let start = 0; start < counters.length; start += IV_BYTES) {
      let carry = start / IV_BYTES
      for (let index = IV_BYTES - 1; index >= 0; index -= 1) {
        carry += nonce[index]!
        counters[start + index] = carry
        carry = Math.floor(carry / 256)
      }
    }
    return cipher.update(counters)
  }
}

type Replace = (column: string, kind: MaskKind, value: Value) => Value
