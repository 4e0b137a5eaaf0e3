import { expect, test } from 'vitest'
import { digestOfJson } from '../../core/digest.ts'
import { type ModelManifest, modelDigest } from './manifest.ts'

const manifest: ModelManifest = {
  scorer: digestOfJson('scorer'),
  encoders: digestOfJson('encoders'),
  decision: digestOfJson('decision'),
  contract: digestOfJson('contract'),
  features: { b: digestOfJson('b'), a: digestOfJson('a') },
}

test('the digest of a model is that of its parts, in whatever order they are named', () => {
  const { features, ...parts } = manifest
  const again = { features: { a: digestOfJson('a'), b: digestOfJson('b') }, ...parts }
  expect(modelDigest(again)).toBe(modelDigest(manifest))
  expect(modelDigest(manifest)).toBe('sha256:1c51cde8fea15f4fe2ca02756ee80a3dc238fade2b5421c73c9fedb2c01f9025')
})

test('any other part makes another digest', () => {
  const other = digestOfJson('other')
  const changes: Partial<ModelManifest>[] = [
    { scorer: other },
    { encoders: other },
    { decision: other },
    { contract: other },
    { features: { ...manifest.features, a: other } },
    { features: { a: digestOfJson('a') } },
    { scorer: manifest.encoders, encoders: manifest.scorer },
  ]
  const digests = changes.map((change) => modelDigest({ ...manifest, ...change }))
  expect(new Set([...digests, modelDigest(manifest)]).size).toBe(changes.length + 1)
})

test('what is no part of the content makes no difference', () => {
  const withMore = { ...manifest, trained_at: 123, path: '/tmp/model' }
  expect(modelDigest(withMore)).toBe(modelDigest(manifest))
})
