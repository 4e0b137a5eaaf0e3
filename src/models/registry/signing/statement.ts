import { createHash } from 'node:crypto'
import { canonicalJson } from '../../../core/canonical.ts'
import { type Digest, digestOf } from '../../../core/digest.ts'
import { type ModelManifest, manifestArtifacts, manifestContent } from '../manifest.ts'

/** Name of the file that says what a model is, part by part: its digest is that of the model. */
export const MANIFEST_FILE = 'manifest.json'

/**
 * The files of a version, by name, with the digest of each: its parts, and its manifest, which also names the definitions of
 * the features that it reads.
 */
export function filesOfVersion(manifest: ModelManifest): ReadonlyMap<string, Digest> {
  const files = { ...manifestArtifacts(manifest), [MANIFEST_FILE]: digestOf(manifestText(manifest)) }
  return new Map(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The manifest as a file: its digest is the version's. */
export function manifestText(manifest: ModelManifest): string {
  return canonicalJson(manifestContent(manifest))
}

/**
 * What is signed of a version, as OpenSSF Model Signing 1.0 has it: an in-toto statement with the digest of each file.
 * @see https://github.com/sigstore/model-transparency/blob/main/docs/model_signing_format.md
 */
export function statementOf(model: string, manifest: ModelManifest): string {
  const files = [...filesOfVersion(manifest)].map(([name, digest]) => ({
    name,
    digest: digest.slice('sha256:'.length),
  }))
  const all = createHash('sha256')
  for (const { digest } of files) all.update(Buffer.from(digest, 'hex'))
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: model, digest: { sha256: all.digest('hex') } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: [] },
      resources: files.map((file) => ({ ...file, algorithm: 'sha256' })),
    },
  })
}

/** Whether two statements are about the same content, however each is written and whatever the model is called. */
export function isSameContent(one: string, other: string): boolean {
  const [a, b] = [contentOf(one), contentOf(other)]
  return a !== undefined && a === b
}

interface Statement {
  readonly predicateType?: unknown
  readonly subject?: readonly { readonly digest?: { readonly sha256?: unknown } }[]
  readonly predicate?: { readonly resources?: readonly Readonly<Record<string, unknown>>[] }
}

function contentOf(text: string): string | undefined {
  try {
    const { predicateType, subject, predicate } = JSON.parse(text) as Statement
    const resources = predicate!.resources!.map(({ name, digest, algorithm }) => ({ name, digest, algorithm }))
    return canonicalJson({ predicateType, subject: subject!.map(({ digest }) => digest?.sha256), resources } as never)
  } catch {
    // What is no statement is about no content.
    return undefined
  }
}
