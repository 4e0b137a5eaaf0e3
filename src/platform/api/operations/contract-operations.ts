import { Type } from 'typebox'
import { model, version } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

const ofVersion = Type.Object({ model, version: Type.Optional(version) })

export const contractOperations = {
  contract: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/contract',
    summary: 'What a version takes and gives; that of the version that serves, unless another is named',
    input: ofVersion,
    run: (platform, input) => platform.contract(input.model, input.version),
  }),
  contractDiff: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/contract/diff',
    summary: 'What differs between the contracts of two versions, and whom it would break',
    input: Type.Object({ model, from: version, to: version }),
    run: (platform, input) => platform.contractDiff(input.model, input.from, input.to),
  }),
  contractTests: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/contract/tests',
    summary: 'Rows at the edges of a contract, and rows that break it, with what becomes of each',
    input: ofVersion,
    run: (platform, input) => platform.contractTests(input.model, input.version),
  }),
} satisfies Record<string, Operation>
