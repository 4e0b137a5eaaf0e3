import { Type } from 'typebox'
import { as, model, version } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const signingOperations = {
  statement: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/versions/{version}/statement',
    summary: 'What is signed of a version: an in-toto statement with the digest of each of its files',
    input: Type.Object({ model, version }),
    run: (platform, input) => platform.signing.statement(input.model, input.version),
  }),
  signVersion: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/versions/{version}/signatures',
    summary: 'Keeps a detached signature on a version, by a key that its model takes',
    input: Type.Object({ model, version, as, bundle: Type.Unknown({ description: 'A Sigstore bundle' }) }),
    run: (platform, { model, version, bundle, as }) => platform.signing.sign(model, version, bundle, { name: as }),
  }),
  signatures: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/versions/{version}/signatures',
    summary: 'The signatures on a version, oldest first',
    input: Type.Object({ model, version }),
    run: (platform, input) => platform.signing.signatures(input.model, input.version),
  }),
} satisfies Record<string, Operation>
