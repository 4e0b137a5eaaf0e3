import { Type } from 'typebox'
import { as } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const definitionOperations = {
  definitions: operation({
    method: 'GET',
    path: '/api/v1/definitions',
    summary: 'The definitions in force, with the versions that may serve',
    input: Type.Object({}),
    run: (platform) => platform.definitions(),
  }),
  switchDefinitions: operation({
    method: 'POST',
    path: '/api/v1/definitions/switch',
    summary:
      'Fills other definitions of features from the log, compares them with those in force, and puts them in their place',
    input: Type.Object({
      definition: Type.Optional(
        Type.Object({}, { description: 'The project as plain data; that before the one in force when absent' }),
      ),
      plan: Type.Optional(Type.String({ description: 'Digest of the plan that was looked at' })),
      dry: Type.Optional(Type.Boolean({ description: 'Compare, and change nothing' })),
      as,
    }),
    run: (platform, { as: name, ...change }) => platform.switchDefinitions(change, { name }),
  }),
} satisfies Record<string, Operation>
