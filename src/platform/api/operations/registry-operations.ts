import { Type } from 'typebox'
import { as, expected, limit, model, reason, time, version } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

const cursor = Type.Optional(Type.String({ minLength: 1, maxLength: 4000, description: 'What the page before gave' }))
const alias = Type.String({ minLength: 1, maxLength: 255 })
/** Names, versions of either kind, aliases, and what served when. */
export const registryOperations = {
  registeredModels: operation({
    method: 'GET',
    path: '/api/v1/registered-models',
    summary: 'Every registered name, those of the project among them, with where its aliases stand',
    input: Type.Object({
      filter: Type.Optional(
        Type.String({ maxLength: 10_000, description: "Such as name ILIKE 'late%' AND tags.team = 'ops'" }),
      ),
      ...{ limit, cursor },
    }),
    run: (platform, query) => platform.registry.models(query),
  }),
  registeredVersions: operation({
    method: 'GET',
    path: '/api/v1/registered-models/{model}/versions',
    summary: 'Versions of a registered model, newest first, trained here or logged, with gate, approvals and aliases',
    input: Type.Object({ model, limit, cursor }),
    run: (platform, { model, ...page }) => platform.registry.versions(model, page),
  }),
  version: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/versions/{version}',
    summary: 'A version with its contract, evaluation, card, approvals so far and who is missing',
    input: Type.Object({ model, version }),
    run: (platform, input) => platform.registry.version(input.model, input.version),
  }),
  served: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/served',
    summary: 'What served at a time, now by default, and who approved it',
    input: Type.Object({ model, at: time }),
    run: (platform, input) => platform.registry.served(input.model, input.at),
  }),
  aliasHistory: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/history',
    summary: 'Where an alias stood, newest first: champion by default, which is what served',
    input: Type.Object({ model, alias: Type.Optional(alias), limit, cursor }),
    run: (platform, { model, ...query }) => platform.registry.history(model, query),
  }),
  aliases: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/aliases',
    summary: 'Where the aliases of a model stand',
    input: Type.Object({ model }),
    run: (platform, input) => platform.registry.aliases(input.model),
  }),
  moveAlias: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/aliases',
    summary: 'Lets an alias stand for a version, or takes it away; a protected one takes an approved version',
    input: Type.Object({
      ...{ model, alias, as, reason: Type.Optional(reason), expected },
      version: Type.Union([version, Type.Null()], { description: 'Null takes the alias away' }),
    }),
    run: (platform, { model, as, ...move }) => platform.registry.moveAlias(model, move, { name: as }),
  }),
} satisfies Record<string, Operation>
