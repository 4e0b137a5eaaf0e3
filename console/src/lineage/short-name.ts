import { formatDigest } from '../format/number.ts'

/** A name without most of a digest in it. */
export function shortName(name: string): string {
  return name.replace(/sha256:[0-9a-f]{64}/, (digest) => formatDigest(digest))
}
