import { type Static, Type } from 'typebox'

export type { Evaluation } from '../../models/training/evaluate.ts'
export type { ActPage } from './act-answers.ts'
export type { BatchListing, BatchRunAnswer } from './batch-answers.ts'
export type { CatalogueDetail, CatalogueFeature, CataloguePage, FeatureConsumer } from './catalogue-answers.ts'
export type { HandRuleAnswer, ModelCard, OverridePage } from './decision-answers.ts'
export type { ComparisonAnswer, RunDetail, RunPage } from './experiment-answers.ts'
export type { ScoreExplanation } from './explanation-answers.ts'
export type { LineageAnswer, LineageThing } from './lineage-answers.ts'
export type { CapacityAnswer, LoadTestAnswer } from './load-test-answers.ts'
export type { LoggedPredictionPage, PredictionLogState } from './prediction-log-answers.ts'
export type { ReadinessAnswer, Requirement } from './readiness-answers.ts'
export type {
  AliasAnswer,
  AliasPage,
  ListedVersionPage,
  RegisteredModelPage,
  ServableAnswer,
  ServedAnswer,
  VersionAnswer,
} from './registry-answers.ts'
export type { RetrainingHistory, RetrainingStatus } from './retraining-answers.ts'
export type { RunStepsAnswer } from './run-answers.ts'
export type { SimulationAnswer } from './simulation-answers.ts'
export type { SourceListing, SourceRunAnswer } from './source-answers.ts'
export type { StreamScoringListing } from './streaming-answers.ts'
export type { TraceAnswer } from './truth-answers.ts'

/**
 * What the console reads over /api/v1: each schema validates nothing on the way in (they are answers), documents the
 * route in /openapi.json, and types the console. Times are microseconds since 1970; latencies are milliseconds.
 */

/** The worst of its parts, always shown with its word. */
export const Health = Type.Union([
  Type.Literal('ok'),
  Type.Literal('warning'),
  Type.Literal('failing'),
  Type.Literal('not_enough_data'),
])
export type Health = Static<typeof Health>

export const Alert = Type.Object({
  id: Type.String(),
  model: Type.String(),
  kind: Type.String(),
  feature: Type.Optional(Type.String()),
  severity: Type.Union([Type.Literal('page'), Type.Literal('ticket')]),
  title: Type.String(),
  n: Type.Number(),
  openedAt: Type.Number(),
  lastSeenAt: Type.Number(),
  resolvedAt: Type.Optional(Type.Number()),
  acknowledgedBy: Type.Optional(Type.String()),
  runbook: Type.String(),
})
export type Alert = Static<typeof Alert>

/** GET /api/v1/alerts/{alert}: with what it rests on, in words; `since` is when it began, where that is known. */
export const AlertDetail = Type.Object({
  ...Alert.properties,
  /** What alerts of its kind mean. */
  meaning: Type.String(),
  version: Type.Optional(Type.Integer()),
  since: Type.Optional(Type.Number()),
  figures: Type.Array(
    Type.Object({ name: Type.String(), found: Type.String(), against: Type.Optional(Type.String()) }),
  ),
  parts: Type.Optional(
    Type.Object({
      of: Type.Union([Type.Literal('inputs'), Type.Literal('classes'), Type.Literal('objectives')]),
      columns: Type.Array(Type.String()),
      rows: Type.Array(Type.Object({ name: Type.String(), values: Type.Array(Type.String()) })),
    }),
  ),
})
export type AlertDetail = Static<typeof AlertDetail>

/**
 * GET /api/v1/alerts?state=resolved&model=&limit=10&cursor=, newest first; `total` counts all that match, `next` is the
 * cursor of the page after this one and null on the last
 */
export const AlertPage = Type.Object({
  total: Type.Integer(),
  alerts: Type.Array(Alert),
  next: Type.Union([Type.String(), Type.Null()]),
})
export type AlertPage = Static<typeof AlertPage>

/** A change of what serves: drawn as a hairline on every strip. */
export const ReleaseMarker = Type.Object({
  at: Type.Number(),
  version: Type.Integer(),
  reason: Type.String(),
  by: Type.String(),
})
export type ReleaseMarker = Static<typeof ReleaseMarker>

export const FleetModel = Type.Object({
  name: Type.String(),
  predicts: Type.String(),
  owner: Type.Optional(Type.String()),
  health: Health,
  /** One sentence in plain words: why it has this health. */
  sentence: Type.String(),
  version: Type.Optional(Type.Integer()),
  digest: Type.Optional(Type.String()),
  servingSince: Type.Optional(Type.Number()),
  /** `total`: since the platform was started. */
  predictions: Type.Object({ total: Type.Number(), lastHour: Type.Number(), perMinute: Type.Number() }),
  /** Milliseconds that the scoring of a row takes; a request takes as long as all of its rows. */
  p99: Type.Optional(Type.Number()),
  auc: Type.Optional(Type.Number()),
  /** What its outcomes are judged by. */
  metric: Type.Optional(Type.Object({ name: Type.String(), value: Type.Number() })),
  openAlerts: Type.Integer(),
  candidates: Type.Integer(),
})
export type FleetModel = Static<typeof FleetModel>

/** What a rehearsal is doing right now. */
export const Progress = Type.Object({
  phase: Type.String(),
  /** Share done, 0 to 1: then all was lived through, and what goes on does so at real speed. */
  done: Type.Number(),
  sentence: Type.String(),
})
export type Progress = Static<typeof Progress>

/** What parity audits found of a feature within the last day. */
export const DifferingFeature = Type.Object({
  model: Type.String(),
  feature: Type.String(),
  /** Values that were recomputed, and how many of them came out differently. */
  checked: Type.Number(),
  mismatches: Type.Number(),
  /** How many of those that were looked into have which cause. */
  causes: Type.Record(Type.String(), Type.Number()),
})
export type DifferingFeature = Static<typeof DifferingFeature>

/** GET /api/v1/fleet */
export const Fleet = Type.Object({
  sentence: Type.String(),
  now: Type.Number(),
  clock: Type.Union([Type.Literal('real'), Type.Literal('virtual')]),
  progress: Type.Optional(Progress),
  /** False where no platform runs: then this is what the directory says. */
  running: Type.Boolean(),
  /** What is open beside the alerts of models, in sentences: alerts of streams, sources, batches and the server, and closed gates. */
  besides: Type.Array(Type.String()),
  models: Type.Array(FleetModel),
  streams: Type.Array(
    Type.Object({
      name: Type.String(),
      received: Type.Number(),
      accepted: Type.Number(),
      duplicates: Type.Number(),
      rejected: Type.Number(),
      /** Of those accepted or duplicates: rejected at first, and mended later. */
      mended: Type.Number(),
      lastEventTime: Type.Optional(Type.Number()),
    }),
  ),
  parity: Type.Object({
    checked: Type.Number(),
    mismatches: Type.Number(),
    unverifiable: Type.Number(),
    at: Type.Optional(Type.Number()),
    /** Features that differed within the last day, the worst first. */
    differing: Type.Optional(Type.Array(DifferingFeature)),
  }),
})
export type Fleet = Static<typeof Fleet>

const window = { from: Type.Number(), to: Type.Number(), n: Type.Number() }

export const ServicePoint = Type.Object({
  ...window,
  perMinute: Type.Number(),
  p50: Type.Optional(Type.Number()),
  p99: Type.Optional(Type.Number()),
  errors: Type.Number(),
})
export type ServicePoint = Static<typeof ServicePoint>

export const DriftVerdict = Type.Union([Type.Literal('stable'), Type.Literal('drifted'), Type.Literal('insufficient')])
export type DriftVerdict = Static<typeof DriftVerdict>

export const DriftPoint = Type.Object({
  ...window,
  psi: Type.Optional(Type.Number()),
  ks: Type.Optional(Type.Number()),
  js: Type.Optional(Type.Number()),
  pValue: Type.Optional(Type.Number()),
  /** Share of the rows that had no value, 0 to 1. */
  missing: Type.Number(),
  verdict: DriftVerdict,
})
export type DriftPoint = Static<typeof DriftPoint>

/** The data strip of one feature, worst first. */
export const FeatureStrip = Type.Object({
  feature: Type.String(),
  /** Share of the model's total gain, 0 to 1. */
  importance: Type.Number(),
  verdict: DriftVerdict,
  points: Type.Array(DriftPoint),
})
export type FeatureStrip = Static<typeof FeatureStrip>

export const PredictionPoint = Type.Object({
  ...window,
  mean: Type.Number(),
  q10: Type.Number(),
  q50: Type.Number(),
  q90: Type.Number(),
  /** Of a model of several classes the share of predictions that each was the likeliest in, by its name. */
  classes: Type.Optional(Type.Record(Type.String(), Type.Number())),
  psi: Type.Optional(Type.Number()),
  verdict: DriftVerdict,
})
export type PredictionPoint = Static<typeof PredictionPoint>

/** Performance of the predictions made in a window: mature when every label had its time to come. */
export const OutcomePoint = Type.Object({
  ...window,
  labelled: Type.Number(),
  mature: Type.Boolean(),
  auc: Type.Optional(Type.Number()),
  /** Of the AUC; of a model of several classes of its log loss. */
  low: Type.Optional(Type.Number()),
  high: Type.Optional(Type.Number()),
  logLoss: Type.Optional(Type.Number()),
  /** Of a model of several classes: the share whose likeliest class came true, and the mean AUC of each class against all others. */
  accuracy: Type.Optional(Type.Number()),
  macroAuc: Type.Optional(Type.Number()),
  positives: Type.Number(),
  /** Why nothing could be said about them. */
  fault: Type.Optional(Type.String()),
})
export type OutcomePoint = Static<typeof OutcomePoint>

/** How fast the error budget was spent over a window: 1 spends all of it over the window of the objective. */
export const Burn = Type.Object({
  over: Type.Number(),
  answers: Type.Number(),
  bad: Type.Number(),
  rate: Type.Number(),
})

/** How a promise of a model stands. Times are microseconds. */
export const ObjectiveState = Type.Object({
  name: Type.Union([Type.Literal('availability'), Type.Literal('latency')]),
  /** Share of answers that must be good. */
  target: Type.Number(),
  bound: Type.Optional(Type.Number()),
  window: Type.Number(),
  since: Type.Optional(Type.Number()),
  answers: Type.Number(),
  bad: Type.Number(),
  good: Type.Optional(Type.Number()),
  /** Share of the error budget that is left; below 0 where more was bad than may be. */
  left: Type.Number(),
  burns: Type.Array(Burn),
})
export type ObjectiveState = Static<typeof ObjectiveState>

/** GET /api/v1/objectives */
export interface ModelObjectives {
  readonly model: string
  readonly objectives: readonly ObjectiveState[]
}

/** GET /api/v1/models/{model}/health?from=&to=&all=&features=10&offset=0 */
export const ModelHealth = Type.Object({
  model: Type.String(),
  health: Health,
  sentence: Type.String(),
  now: Type.Number(),
  version: Type.Optional(Type.Integer()),
  digest: Type.Optional(Type.String()),
  from: Type.Number(),
  to: Type.Number(),
  /** The metric of the evaluation before release: what outcomes are compared with. */
  expected: Type.Optional(
    Type.Object({
      auc: Type.Optional(Type.Number()),
      logLoss: Type.Optional(Type.Number()),
      low: Type.Number(),
      high: Type.Number(),
    }),
  ),
  baseline: Type.Optional(Type.Object({ auc: Type.Optional(Type.Number()), logLoss: Type.Optional(Type.Number()) })),
  /** Those of the time, and before them what served at its beginning and what that had replaced; oldest first. */
  releases: Type.Array(ReleaseMarker),
  service: Type.Array(ServicePoint),
  features: Type.Object({ total: Type.Integer(), offset: Type.Integer(), strips: Type.Array(FeatureStrip) }),
  prediction: Type.Array(PredictionPoint),
  outcome: Type.Array(OutcomePoint),
  /** Values recomputed by parity audits within the last day, of the feature that was recomputed most. */
  parity: Type.Optional(Type.Object({ checked: Type.Number(), differing: Type.Array(DifferingFeature) })),
  /** What the model promises, where it promises anything. */
  objectives: Type.Optional(Type.Array(ObjectiveState)),
  alerts: Type.Array(Alert),
})
export type ModelHealth = Static<typeof ModelHealth>

/** A model's version as the registry lists it. */
export const ModelVersion = Type.Object({
  model: Type.String(),
  version: Type.Integer(),
  digest: Type.String(),
  variant: Type.Union([Type.Literal('full'), Type.Literal('without_windows')]),
  state: Type.String(),
  /** Its state, but `failed` or `baseline` of a candidate that waits for no decision. */
  standing: Type.String(),
  serving: Type.Boolean(),
  author: Type.String(),
  approvedBy: Type.Optional(Type.String()),
  createdAt: Type.Number(),
  auc: Type.Optional(Type.Number()),
  /** What the gate of the model judges by, in the evaluation of this version. */
  metric: Type.Optional(Type.Object({ name: Type.String(), value: Type.Number() })),
  gate: Type.Optional(Type.String()),
  gateSentence: Type.Optional(Type.String()),
  /** Of a version that was logged: by whom; its author is who imported it. */
  loggedBy: Type.Optional(Type.String()),
  /** In the answer to an approval: how many are needed, how many lack, and who may still give one. */
  lacking: Type.Optional(
    Type.Object({ needed: Type.Integer(), missing: Type.Integer(), open: Type.Optional(Type.Array(Type.String())) }),
  ),
})
export type ModelVersion = Static<typeof ModelVersion>

/** GET /api/v1/models/{model}/versions?limit=10&offset=0, newest first; `total` counts all versions that have a contract */
export const ModelVersionPage = Type.Object({
  total: Type.Integer(),
  versions: Type.Array(ModelVersion),
  /** Those that were only logged, newest first: each can serve once it is imported. */
  logged: Type.Array(Type.Object({ version: Type.Integer(), author: Type.String(), createdAt: Type.Number() })),
})
export type ModelVersionPage = Static<typeof ModelVersionPage>

/** The one shape of errors. */
export const ErrorBody = Type.Object({
  error: Type.String(),
  code: Type.String(),
  path: Type.Optional(Type.String()),
  remedy: Type.String(),
})
export type ErrorBody = Static<typeof ErrorBody>

export {
  DeadLetter,
  DeadLetterDetail,
  DeadLetterPage,
  DeadLetterState,
} from './dead-letter-answers.ts'
export {
  CheckVerdict,
  ColumnProfile,
  QualityPage,
  QualityVerdict,
  StreamQuality,
} from './quality-answers.ts'
