import { Type } from 'typebox'
import { MOST_FILE_BYTES } from '../../../models/inference/formats/read-model-file.ts'
import { as, expected, limit, model, offset, reason, time, version } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

/** A file in base64. */
const MOST_CONTENT = Math.ceil(MOST_FILE_BYTES / 3) * 4

export const modelOperations = {
  fleet: operation({
    method: 'GET',
    path: '/api/v1/fleet',
    summary: 'All models with their health, the streams, and the state of the parity audit',
    input: Type.Object({}),
    run: (platform) => platform.fleet(),
  }),
  models: operation({
    method: 'GET',
    path: '/api/v1/models',
    summary: 'Versions of one model or of all',
    input: Type.Object({ model: Type.Optional(model) }),
    run: (platform, input) => platform.models(input.model),
  }),
  versions: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/versions',
    summary: 'Versions of a model, newest first',
    input: Type.Object({ model, limit, offset }),
    run: (platform, { model, ...page }) => platform.versions(model, page),
  }),
  modelHealth: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/health',
    summary: 'Service, data, predictions and outcomes of a model on one time axis',
    input: Type.Object({
      model,
      from: time,
      to: time,
      all: Type.Optional(
        Type.Boolean({ description: 'Without from: everything that is kept, in place of the last 30 days' }),
      ),
      features: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      offset,
    }),
    run: (platform, { model, ...range }) => platform.modelHealth(model, range),
  }),
  bundle: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/versions/{version}/bundle',
    summary: 'An approved version with everything that it is made of, by which another platform serves the same model',
    input: Type.Object({ model, version }),
    run: (platform, input) => platform.bundle(input.model, input.version),
  }),
  train: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/train',
    summary: 'Builds a training set, trains, evaluates, and registers a candidate with the verdict of its gate',
    input: Type.Object({
      model,
      as,
      variant: Type.Optional(Type.Union([Type.Literal('full'), Type.Literal('without_windows')])),
      at: Type.Optional(Type.Integer({ description: 'Trains on what was known then, microseconds since 1970' })),
      cache: Type.Optional(Type.Boolean({ description: 'Whether outputs of steps that other runs kept are taken' })),
      judges: Type.Optional(version),
    }),
    run: (platform, { model, as, ...options }) => platform.train(model, { name: as }, options),
  }),
  importModel: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/import',
    summary:
      'Registers a model of LightGBM, XGBoost or ONNX, from a file, a logged version or a run, judged as one that is trained here',
    input: Type.Object({
      ...{ model, as },
      content: Type.Optional(Type.String({ minLength: 1, maxLength: MOST_CONTENT, description: 'The file, base64' })),
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 300, description: 'What the file is called' })),
      version: Type.Optional(version),
      run: Type.Optional(
        Type.String({ minLength: 1, maxLength: 2000, description: 'A run, or RUN/PATH: what it logged there' }),
      ),
      byOrder: Type.Optional(Type.Boolean({ description: 'Match inputs by their order, not by their names' })),
      metrics: Type.Optional(
        Type.Record(Type.String(), Type.Number(), {
          description: 'What is said of it elsewhere, kept with the version',
        }),
      ),
    }),
    bodyLimit: MOST_CONTENT + 65_536,
    run: (platform, { model, as, ...file }) => platform.importModel(model, { name: as }, file),
  }),
  approve: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/approve',
    summary: 'Approves a version; never by its author',
    input: Type.Object({ model, version, as, reason: Type.Optional(reason) }),
    run: (platform, input) => platform.approve(input.model, input.version, { name: input.as }, input.reason),
  }),
  reject: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/reject',
    summary: 'Rejects a version, with a reason',
    input: Type.Object({ model, version, as, reason }),
    run: (platform, input) => platform.reject(input.model, input.version, { name: input.as }, input.reason),
  }),
  retire: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/retire',
    summary: 'Retires a version that does not serve, with a reason: it never serves again',
    input: Type.Object({ model, version, as, reason }),
    run: (platform, input) => platform.retire(input.model, input.version, { name: input.as }, input.reason),
  }),
  promote: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/promote',
    summary: 'Lets an approved version serve, unless it would break those who call the model',
    input: Type.Object({
      ...{ model, version, as, reason: Type.Optional(reason) },
      breaking: Type.Optional(Type.Boolean({ description: 'Break the contract on purpose, with a reason' })),
      expected,
    }),
    run: (platform, { model, version, as, reason, ...options }) =>
      platform.promote(model, version, { name: as }, reason, options),
  }),
  rollback: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/rollback',
    summary: 'Lets the version before serve again',
    input: Type.Object({ model, as, reason, expected }),
    run: (platform, { model, as, reason, ...options }) => platform.rollback(model, { name: as }, reason, options),
  }),
} satisfies Record<string, Operation>
