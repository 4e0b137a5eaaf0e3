import { assertedIdentity } from '../../governance/identity.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { addSignature, listSignatures, type VersionSignature } from '../../models/registry/signing/signature-store.ts'
import { statementOf } from '../../models/registry/signing/statement.ts'
import { readVersion } from '../../models/registry/versions.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { SignatureAnswer, SigningDesk } from '../api/signing-desk.ts'
import type { UnderWay } from './under-way.ts'

export interface SigningParts {
  readonly project: ProjectDefinition
  readonly metadata: Metadata
  readonly underWay: UnderWay
}

/** Signatures on versions; the end of the platform waits for what is asked. */
export function createSigningDesk(parts: SigningParts): SigningDesk {
  const { metadata, underWay } = parts
  const { run } = underWay
  return {
    statement: (model, version) =>
      run(async () => {
        const { digest, manifest } = await readVersion(metadata, model, version)
        return { model, version, digest, statement: statementOf(model, manifest) }
      }),
    sign: (model, version, bundle, actor) =>
      run(async () => {
        const keys = parts.project.models[model]?.signedBy ?? []
        return answerOf(
          await addSignature(metadata, { model, version, bundle, keys, by: assertedIdentity(actor.name) }),
        )
      }),
    signatures: (model, version) =>
      run(async () => {
        await readVersion(metadata, model, version)
        return (await listSignatures(metadata, model, version)).map(answerOf)
      }),
  }
}

function answerOf({ bundle, by, at }: VersionSignature): SignatureAnswer {
  return { key: bundle.verificationMaterial.publicKey.hint, by: by.name, at, bundle }
}
