import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { digestOf } from '../../../core/digest.ts'
import { ada, grace, model, temporaryRegistry } from '../registry.fixture.ts'
import { registerVersion } from '../versions.ts'
import { keyHint, openSignature, preAuthentication, publicKeyOf, signStatement } from './signature-bundle.ts'
import { addSignature, keepSignature, listSignatures, requireSignature } from './signature-store.ts'
import { filesOfVersion, isSameContent, MANIFEST_FILE, manifestText, statementOf } from './statement.ts'

const pairs = [
  generateKeyPairSync('ed25519'),
  ...['P-256', 'P-384', 'P-521'].map((namedCurve) => generateKeyPairSync('ec', { namedCurve })),
]
const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()
const [first, second] = pairs as [(typeof pairs)[number], (typeof pairs)[number]]

async function signedRegistry() {
  const registry = await temporaryRegistry()
  const { metadata, artifacts } = registry
  const { version } = await registerVersion(metadata, artifacts, await registry.newVersion('one'))
  const sign = (key: KeyObject, name = model) => signStatement(statementOf(name, version.manifest), key)
  const add = (bundle: unknown, keys = [pemOf(first.publicKey)]) =>
    addSignature(metadata, { model, version: 1, bundle, keys, by: grace })
  return { ...registry, version, sign, add, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() }
}

// https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
test('what is under a signature is encoded as DSSE does', () => {
  expect(preAuthentication('hello world', 'http://example.com/HelloWorld').toString()).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  )
})

test('a statement names each file with its digest, and the manifest by the digest of the version', async () => {
  await using registry = await signedRegistry()
  const { manifest, digest } = registry.version
  const files = filesOfVersion(manifest)
  expect(files.get(MANIFEST_FILE)).toBe(digest)
  expect(digestOf(manifestText(manifest))).toBe(digest)
  expect([...files.keys()]).toEqual([...files.keys()].sort())
  const statement = JSON.parse(statementOf(model, manifest))
  expect(statement.predicate.resources).toContainEqual({
    name: 'scorer',
    algorithm: 'sha256',
    digest: manifest.scorer.slice('sha256:'.length),
  })
})

test.each(pairs.map((pair) => [pair.privateKey.asymmetricKeyDetails?.namedCurve ?? 'ed25519', pair] as const))(
  'a signature with a key of %s is found to be one of its own, and of no other text or key',
  (_, { privateKey, publicKey }) => {
    const bundle = signStatement('{"a":1}', privateKey)
    const others = pairs.map((pair) => pair.publicKey).filter((key) => key !== publicKey)
    expect(openSignature(bundle, [...others, publicKey])).toEqual({ statement: '{"a":1}', key: keyHint(publicKey) })
    expect(openSignature(bundle, others)).toBeUndefined()
    const payload = Buffer.from('{"a":2}').toString('base64')
    const changed = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload } }
    expect(openSignature(changed, [publicKey])).toBeUndefined()
  },
)

test('a version that must be signed is missing one until a key that its model takes has signed it', async () => {
  await using registry = await signedRegistry()
  const { metadata, version, sign, add } = registry
  const keys = [pemOf(first.publicKey)]
  await requireSignature(metadata, version, undefined)
  await expect(requireSignature(metadata, version, keys)).rejects.toMatchObject({ code: 'signature_missing' })
  await expect(add(sign(second.privateKey))).rejects.toMatchObject({ code: 'signature_invalid' })
  await expect(add({ signature: 'mine' })).rejects.toMatchObject({ code: 'signature_invalid' })
  await add(sign(first.privateKey))
  await requireSignature(metadata, version, keys)
  await expect(requireSignature(metadata, version, [pemOf(second.publicKey)])).rejects.toThrow('has 1, none of them')
})

test('a signature on other content is none of the version, wherever it was kept', async () => {
  await using registry = await signedRegistry()
  const { metadata, artifacts, version, add } = registry
  const other = (await registerVersion(metadata, artifacts, await registry.newVersion('two'))).version
  const bundle = signStatement(statementOf(model, other.manifest), first.privateKey)
  await expect(add(bundle)).rejects.toMatchObject({ code: 'signature_invalid' })
  await keepSignature(metadata, { model, version: 1, bundle, by: ada, at: 5 })
  await keepSignature(metadata, { model, version: 1, bundle, by: ada, at: 5 })
  expect(await listSignatures(metadata, model, 1)).toEqual([{ bundle, by: ada, at: 5 }])
  const asked = requireSignature(metadata, version, [pemOf(first.publicKey)])
  await expect(asked).rejects.toMatchObject({ code: 'signature_missing' })
})

test('statements are compared by what they say, not by how they are written', async () => {
  await using registry = await signedRegistry()
  const statement = statementOf(model, registry.version.manifest)
  expect(isSameContent(statement, JSON.stringify(JSON.parse(statement), null, 2))).toBe(true)
  expect(isSameContent(statement, statementOf('renamed', registry.version.manifest))).toBe(true)
  for (const wrong of ['', '{}', 'null', statement.replace('"algorithm":"sha256"', '"algorithm":"md5"')])
    expect(isSameContent(statement, wrong)).toBe(false)
})

test('signatures are never changed or taken away', async () => {
  await using registry = await signedRegistry()
  await registry.add(registry.sign(first.privateKey))
  const { database } = registry.metadata
  await expect(database.deleteFrom('version_signatures').execute()).rejects.toThrow('append-only')
  await expect(database.updateTable('version_signatures').set({ bundle: '{}' }).execute()).rejects.toThrow(
    'append-only',
  )
})

test.each([
  ['no key', 'nothing'],
  ['a key of RSA', pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)],
])('%s is refused by code', (_, pem) => {
  expect(() => publicKeyOf(pem)).toThrow(expect.objectContaining({ code: 'signing_key_invalid' }))
})
