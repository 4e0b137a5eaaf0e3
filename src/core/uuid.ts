import { digestOf } from './digest.ts'

/** A UUID of version 8 (RFC 9562) that follows from a text: the same text, the same UUID. */
export function uuidOf(text: string): string {
  const hex = digestOf(text).replace('sha256:', '')
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
