import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { TruelineError } from '../../../core/errors.ts'

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const PAYLOAD_TYPE = 'application/vnd.in-toto+json'
const base64 = Type.String({ minLength: 1, maxLength: 1_000_000 })

/** A detached signature: what is signed, by whom, and that it is. */
const bundleSchema = Type.Object({
  mediaType: Type.String({ pattern: '^application/vnd\\.dev\\.sigstore\\.bundle' }),
  verificationMaterial: Type.Object({ publicKey: Type.Object({ hint: Type.String({ maxLength: 200 }) }) }),
  dsseEnvelope: Type.Object({
    payload: base64,
    payloadType: Type.Literal(PAYLOAD_TYPE),
    signatures: Type.Array(Type.Object({ sig: base64 }), { minItems: 1, maxItems: 1 }),
  }),
})

/** As Sigstore has it: what `model_signing` of OpenSSF writes and verifies. */
export type SignatureBundle = Static<typeof bundleSchema>

/** The hash that goes with each elliptic curve. */
const hashOfCurve: Readonly<Record<string, string>> = { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' }

/**
 * Signs a statement.
 * @param key a private key: Ed25519, or on the curves P-256, P-384 or P-521
 * @throws TruelineError `signing_key_invalid`
 */
export function signStatement(statement: string, key: KeyObject): SignatureBundle {
  const algorithm = algorithmOf(key)
  const signature = sign(algorithm, preAuthentication(statement), key)
  return {
    mediaType: MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: keyHint(createPublicKey(key)) } },
    dsseEnvelope: {
      payload: Buffer.from(statement).toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: signature.toString('base64') }],
    },
  }
}

/**
 * Reads what is signed, once the signature is found to be one by one of some keys.
 * @param keys public keys
 * @returns the statement and the hint of its key; undefined when none of the keys made the signature
 * @throws TruelineError `signature_invalid` for what is no bundle
 */
export function openSignature(
  bundle: unknown,
  keys: readonly KeyObject[],
): { readonly statement: string; readonly key: string } | undefined {
  if (!Value.Check(bundleSchema, bundle))
    throw new TruelineError('signature_invalid', 'This is no signature in a Sigstore bundle.')
  const { payload, signatures } = bundle.dsseEnvelope
  const statement = Buffer.from(payload, 'base64').toString()
  const signature = Buffer.from(signatures[0]!.sig, 'base64')
  const key = keys.find((one) => verify(algorithmOf(one), preAuthentication(statement), one, signature))
  return key === undefined ? undefined : { statement, key: keyHint(key) }
}

/**
 * A public key from its text.
 * @throws TruelineError `signing_key_invalid`
 */
export function publicKeyOf(pem: string): KeyObject {
  try {
    const key = createPublicKey(pem)
    algorithmOf(key)
    return key
  } catch (cause) {
    if (cause instanceof TruelineError) throw cause
    throw invalidKey(cause)
  }
}

/** How a key is told from others: the SHA-256 of its text as PEM. */
export function keyHint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'pem' }))
    .digest('hex')
}

/** The hash that a key signs with; null of one that brings its own. */
function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null {
  if (asymmetricKeyType === 'ed25519') return null
  const hash = hashOfCurve[asymmetricKeyDetails?.namedCurve ?? '']
  if (asymmetricKeyType === 'ec' && hash !== undefined) return hash
  throw invalidKey()
}

function invalidKey(cause?: unknown): TruelineError {
  return new TruelineError('signing_key_invalid', 'The key cannot be used for signatures.', { cause })
}

/**
 * The bytes under a signature: DSSE's pre-authentication encoding.
 * @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
export function preAuthentication(payload: string, type = PAYLOAD_TYPE): Buffer {
  return Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${Buffer.byteLength(payload)} ${payload}`)
}
