import { type Static, type TObject, Type } from 'typebox'
import { DeadLetterState } from './contract.ts'
import type { Platform } from './platform.ts'

/**
 * Everything that is asked by name: one table gives the HTTP routes under /api/v1, their documentation, and what the
 * command line sends to a running platform (or does itself when none runs).
 */
export interface Operation<Input extends TObject = TObject> {
  readonly method: 'GET' | 'POST'
  /** Members in braces come from the path; the others from the query (GET) or the body (POST). */
  readonly path: string
  readonly summary: string
  readonly input: Input
  readonly run: (platform: Platform, input: Static<Input>) => Promise<unknown>
}

function operation<Input extends TObject>(definition: Operation<Input>): Operation {
  return definition as unknown as Operation
}

const model = Type.String({ description: 'Name of a model' })
const source = Type.String({ description: 'Name of a source' })
const version = Type.Integer({ minimum: 1 })
const as = Type.String({ minLength: 1, maxLength: 200, description: 'Who acts; asserted until logins exist' })
const reason = Type.String({ minLength: 1, maxLength: 2000 })
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 }))
const offset = Type.Optional(Type.Integer({ minimum: 0 }))
const name = Type.Optional(Type.String())
const letter = Type.Integer({ minimum: 1, description: 'Number of a dead letter' })
const time = Type.Optional(Type.Number({ description: 'Microseconds since 1970' }))

export const operations = {
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
      features: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      offset,
    }),
    run: (platform, { model, ...range }) => platform.modelHealth(model, range),
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
    }),
    run: (platform, { model, as, ...options }) => platform.train(model, { name: as }, options),
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
  promote: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/promote',
    summary: 'Lets an approved version serve',
    input: Type.Object({ model, version, as, reason: Type.Optional(reason) }),
    run: (platform, input) => platform.promote(input.model, input.version, { name: input.as }, input.reason),
  }),
  rollback: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/rollback',
    summary: 'Lets the version before serve again',
    input: Type.Object({ model, as, reason }),
    run: (platform, input) => platform.rollback(input.model, { name: input.as }, input.reason),
  }),
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
  features: operation({
    method: 'GET',
    path: '/api/v1/features',
    summary: 'A page of the catalogue of features: meaning, owner, freshness, state, consumers and parity of each',
    input: Type.Object({
      search: Type.Optional(
        Type.String({ maxLength: 200, description: 'Words that name, description, owner or logic must have' }),
      ),
      limit,
      offset,
    }),
    run: (platform, input) => platform.features(input),
  }),
  feature: operation({
    method: 'GET',
    path: '/api/v1/features/{feature}',
    summary: 'One feature of the catalogue, with the distribution of its values in training',
    input: Type.Object({ feature: Type.String({ description: '`group.feature`, or the id of an older one' }) }),
    run: (platform, input) => platform.feature(input.feature),
  }),
  featureVector: operation({
    method: 'POST',
    path: '/api/v1/features/{group}/read',
    summary: "An entity's features now, or at a time, with how fresh they are",
    input: Type.Object({ group: Type.String(), key: Type.Record(Type.String(), Type.Unknown()), at: time }),
    run: async (platform, { group, key, at }) => {
      const keys = Object.fromEntries(Object.entries(key).map(([column, value]) => [column, [value]]))
      const { t, freshness, features } = await platform.retrieve({ features: [group], keys, at })
      return {
        t,
        freshness: freshness[0],
        features: features.map(({ name, values, statuses }) => ({
          name: name.slice(group.length + 1),
          value: values[0],
          status: statuses[0],
        })),
      }
    },
  }),
  retrieve: operation({
    method: 'POST',
    path: '/api/v1/features/retrieve',
    summary: 'Features of many entities, now or at a time, column by column, with how fresh they are',
    input: Type.Object({
      features: Type.Array(Type.String(), { minItems: 1, description: '`group` or `group.feature`' }),
      keys: Type.Record(Type.String(), Type.Array(Type.Unknown(), { maxItems: 10_000 }), {
        description: 'By key column, the value of each entity',
      }),
      at: time,
    }),
    run: (platform, input) => platform.retrieve(input),
  }),
  audit: operation({
    method: 'POST',
    path: '/api/v1/features/audit',
    summary: 'Recomputes served vectors from the log and counts what differs',
    input: Type.Object({
      model: Type.Optional(model),
      sample: Type.Optional(Type.Integer({ minimum: 1, description: 'Most predictions to check; all when absent' })),
      from: time,
    }),
    run: (platform, input) => platform.audit(input),
  }),
  trace: operation({
    method: 'GET',
    path: '/api/v1/predictions/{prediction}/trace',
    summary: 'A prediction back to its model, its features and their events',
    input: Type.Object({ prediction: Type.String() }),
    run: (platform, input) => platform.trace(input.prediction),
  }),
  replay: operation({
    method: 'POST',
    path: '/api/v1/predictions/{prediction}/replay',
    summary: 'Makes a prediction again from the log and the registry, and compares',
    input: Type.Object({ prediction: Type.String() }),
    run: (platform, input) => platform.replay(input.prediction),
  }),
  sources: operation({
    method: 'GET',
    path: '/api/v1/sources',
    summary: 'How each source stands: watermark, lag, columns, breaker, and its last run',
    input: Type.Object({}),
    run: (platform) => platform.sources(),
  }),
  sourceRuns: operation({
    method: 'GET',
    path: '/api/v1/sources/{source}/runs',
    summary: 'The last runs of a source, newest first',
    input: Type.Object({ source, limit }),
    run: (platform, input) => platform.sourceRuns(input.source, input.limit ?? 20),
  }),
  runSource: operation({
    method: 'POST',
    path: '/api/v1/sources/{source}/run',
    summary: 'Reads a source now; it goes on by itself where a rate or a failure stops it',
    input: Type.Object({ source, as }),
    run: (platform, input) => platform.runSource(input.source),
  }),
  backfillSource: operation({
    method: 'POST',
    path: '/api/v1/sources/{source}/backfill',
    summary: 'Takes the events of a stretch of time again from a source, as history',
    input: Type.Object({ source, as, from: time, to: time }),
    run: (platform, { source, as, ...range }) => platform.backfillSource(source, range, { name: as }),
  }),
  resetSource: operation({
    method: 'POST',
    path: '/api/v1/sources/{source}/reset',
    summary: 'Forgets how far a source was read: what is there already is a duplicate',
    input: Type.Object({ source, as, reason }),
    run: (platform, input) => platform.resetSource(input.source, { name: input.as }, input.reason),
  }),
  acceptSource: operation({
    method: 'POST',
    path: '/api/v1/sources/{source}/accept',
    summary: 'Takes the rows of a source by the columns that were found last',
    input: Type.Object({ source, as }),
    run: (platform, input) => platform.acceptSource(input.source, { name: input.as }),
  }),
  alerts: operation({
    method: 'GET',
    path: '/api/v1/alerts',
    summary: 'Alerts, open ones first',
    input: Type.Object({ open: Type.Optional(Type.Boolean()), limit, offset }),
    run: (platform, input) => platform.alerts(input),
  }),
  quality: operation({
    method: 'GET',
    path: '/api/v1/quality',
    summary: 'Verdicts on batches of rows, newest first, and the newest on each subject',
    input: Type.Object({
      subject: Type.Optional(Type.String({ description: 'stream/NAME, features/NAME or model/NAME' })),
      scope: Type.Optional(Type.String({ description: 'Where the gate stands: import, window, training …' })),
      limit,
      offset,
    }),
    run: (platform, input) => platform.quality(input),
  }),
  qualityVerdict: operation({
    method: 'GET',
    path: '/api/v1/quality/{verdict}',
    summary: 'One verdict with what became of each check',
    input: Type.Object({ verdict: Type.String() }),
    run: (platform, input) => platform.qualityVerdict(input.verdict),
  }),
  streamQuality: operation({
    method: 'GET',
    path: '/api/v1/streams/{stream}/quality',
    summary: "A stream's last verdicts and a page of the profile of its columns",
    input: Type.Object({ stream: Type.String(), limit, offset }),
    run: (platform, { stream, ...page }) => platform.streamQuality(stream, page),
  }),
  profileStream: operation({
    method: 'POST',
    path: '/api/v1/streams/{stream}/profile',
    summary: 'Judges and profiles all rows of a stream now',
    input: Type.Object({ stream: Type.String() }),
    run: (platform, input) => platform.profileStream(input.stream),
  }),
  suggestChecks: operation({
    method: 'POST',
    path: '/api/v1/streams/{stream}/suggest',
    summary: "Proposes checks from a stream's earlier rows and tries them on its later ones",
    input: Type.Object({ stream: Type.String(), distributions: Type.Optional(Type.Boolean()) }),
    run: (platform, { stream, ...options }) => platform.suggestChecks(stream, options),
  }),
  acknowledge: operation({
    method: 'POST',
    path: '/api/v1/alerts/{alert}/acknowledge',
    summary: 'Says that somebody looks after an alert',
    input: Type.Object({ alert: Type.String(), as }),
    run: (platform, input) => platform.acknowledge(input.alert, { name: input.as }),
  }),
  deadLetters: operation({
    method: 'GET',
    path: '/api/v1/deadletters',
    summary: 'Rows that were not accepted, with their reasons',
    input: Type.Object({ stream: name, code: name, state: Type.Optional(DeadLetterState), limit, offset }),
    run: (platform, input) => platform.deadLetters(input),
  }),
  deadLetter: operation({
    method: 'GET',
    path: '/api/v1/deadletters/{letter}',
    summary: 'A dead letter with its history and what would mend it',
    input: Type.Object({ letter }),
    run: (platform, input) => platform.deadLetter(input.letter),
  }),
  fixDeadLetters: operation({
    method: 'POST',
    path: '/api/v1/deadletters/fix',
    summary:
      'Tries rows of dead letters again, changed or as they are; without `apply` it only tells what would happen',
    input: Type.Object({
      as,
      letter: Type.Optional(letter),
      stream: name,
      code: name,
      set: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
      drop: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
      row: Type.Optional(Type.Unknown()),
      apply: Type.Optional(Type.Boolean()),
    }),
    run: (platform, { as, ...fix }) => platform.fixDeadLetters(fix, { name: as }),
  }),
  discardDeadLetters: operation({
    method: 'POST',
    path: '/api/v1/deadletters/discard',
    summary: 'Gives dead letters up, with a reason; they stay counted as rejected',
    input: Type.Object({ as, letter: Type.Optional(letter), stream: name, code: name, reason }),
    run: (platform, { as, reason, ...choice }) => platform.discardDeadLetters(choice, { name: as }, reason),
  }),
} satisfies Record<string, Operation>

export type OperationName = keyof typeof operations
