import { createPublicKey } from 'node:crypto'
import type { ModelDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'

/** Checks the keys that a model takes signatures of. */
export function checkSigning({ signedBy }: ModelDefinition, mistakes: Mistakes): void {
  if (signedBy === undefined) return
  const remedy = 'Give public keys as PEM: Ed25519, or on the curve P-256, P-384 or P-521.'
  if (signedBy.length === 0) mistakes.add('definition_invalid', 'signedBy', 'It names no key.', remedy)
  for (const [place, pem] of signedBy.entries())
    if (!isUsable(pem)) mistakes.add('definition_invalid', `signedBy[${place}]`, 'This is no such public key.', remedy)
}

function isUsable(pem: string): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(pem)
    const curve = asymmetricKeyDetails?.namedCurve ?? ''
    const isPublic = !pem.includes('PRIVATE')
    return isPublic && (asymmetricKeyType === 'ed25519' || ['prime256v1', 'secp384r1', 'secp521r1'].includes(curve))
  } catch {
    // What no key can be made of is told as a mistake.
    return false
  }
}
