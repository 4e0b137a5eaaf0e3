import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical.ts'

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`

/** Digest of bytes or of a text in UTF-8. */
export function digestOf(content: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** Digest of a value's canonical JSON. */
export function digestOfJson(value: unknown): Digest {
  return digestOf(canonicalJson(value))
}

/** The first twelve digits: enough for people, never for programs. */
export function shortDigest(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12)
}
