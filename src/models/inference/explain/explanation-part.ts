import { corrupt, type EnvelopeKind, isCount, openEnvelope, readArrays, sealEnvelope } from '../envelope.ts'

/** How the bytes of what explains a model begin, and what it is called. */
const EXPLANATION_KIND: EnvelopeKind = { name: 'explanation', magic: 'TLEXPLAN' }

/** What is known of training rows beside what scores: it changes no score, so it is no part of a version's digest. */
export interface ExplanationPart {
  /** Of each node of a forest how much the rows count that reached it, or of each input of a linear model its mean. */
  readonly kind: 'covers' | 'means'
  readonly numbers: Float64Array
}

/** The canonical bytes of a part: a header of `kind` and `size`, and the numbers (float64). The frame is that of `sealEnvelope`. */
export function encodeExplanationPart({ kind, numbers }: ExplanationPart): Uint8Array {
  return sealEnvelope(EXPLANATION_KIND, 1, { kind, size: numbers.length }, [numbers])
}

/**
 * The part that `encodeExplanationPart` made these bytes of.
 * @throws TruelineError `artifact_corrupt` for bytes that are cut, changed, of another version or of something else
 */
export function decodeExplanationPart(bytes: Uint8Array): ExplanationPart {
  const { header, body } = openEnvelope(bytes, EXPLANATION_KIND, [1])
  const { kind, size } = header
  if ((kind !== 'covers' && kind !== 'means') || !isCount(size) || 8 * size !== body.length)
    throw corrupt(EXPLANATION_KIND, 'its header is not that of an explanation')
  const numbers = new Float64Array(size)
  readArrays(body, [numbers], EXPLANATION_KIND)
  if (!numbers.every((number) => Number.isFinite(number) && (kind === 'means' || number >= 0)))
    throw corrupt(EXPLANATION_KIND, 'a number of it is none that it can have')
  return { kind, numbers }
}
