import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
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
  const [nonceKey, cipherKey, hashKey] = [key('nonce'), key('seal'), key('hash')]

  function keyedHash(under: Buffer, column: string, text: string): Buffer {
    return createHmac('sha256', under).update(`${column.length} ${column}`).update(text).digest().subarray(0, IV_BYTES)
  }

  function seal(column: string, text: string): string {
    const nonce = keyedHash(nonceKey, column, text)
    const cipher = createCipheriv('aes-256-ctr', cipherKey, nonce)
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final()]).toString('base64url')
  }

  function openSealed(column: string, sealed: string): Value {
    const bytes = Buffer.from(sealed, 'base64url')
    const nonce = bytes.subarray(0, IV_BYTES)
    if (nonce.length < IV_BYTES) return null
    const cipher = createDecipheriv('aes-256-ctr', cipherKey, nonce)
    const text = Buffer.concat([cipher.update(bytes.subarray(IV_BYTES)), cipher.final()]).toString()
    return timingSafeEqual(nonce, keyedHash(nonceKey, column, text)) ? (JSON.parse(text) as Value) : null
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
        return kind === 'seal' ? seal(column, text) : keyedHash(hashKey, column, text).toString('base64url')
      }),
    open: (row, columns) =>
      replaced(row, columns, (column, kind, value) => (kind === 'seal' ? openSealed(column, String(value)) : null)),
  }
}

type Replace = (column: string, kind: MaskKind, value: Value) => Value
