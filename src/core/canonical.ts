/** What canonical JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined }

/**
 * JSON text that is the same for equal values: names sorted by code unit, no white space, absent for undefined, -0 as 0.
 * Follows RFC 8785 (JSON Canonicalization Scheme).
 * @throws TypeError for NaN and infinities, which no definition may hold
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no canonical form`)
    return JSON.stringify(value === 0 ? 0 : value)
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value === 'object') {
    const names = Object.keys(value).filter((name) => (value as Record<string, unknown>)[name] !== undefined)
    const members = names
      .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      .map((name) => `${JSON.stringify(name)}:${canonicalJson((value as Record<string, unknown>)[name])}`)
    return `{${members.join(',')}}`
  }
  throw new TypeError(`${typeof value} has no canonical form`)
}
