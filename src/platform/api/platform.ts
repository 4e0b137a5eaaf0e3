import type { Suggestion } from '../../data/quality/suggest/suggest-checks.ts'
import type { ModelBundle } from '../../models/registry/bundle.ts'
import type { OpenLineageEvent } from '../../models/registry/lineage/open-lineage.ts'
import type { ModelContract } from '../../operate/serving/model-contract.ts'
import type { Page } from '../../stores/metadata/page.ts'
import type { Actor } from './actor.ts'
import type { AlertQuery, TestAlertAnswer } from './alert-answers.ts'
import type { BatchListing, BatchRunAnswer, ScoringAnswer, ScoringEnd, ScoringStart } from './batch-answers.ts'
import type { CatalogueDetail, CataloguePage, CatalogueQuery } from './catalogue-answers.ts'
import type {
  Alert,
  AlertDetail,
  AlertPage,
  DeadLetterDetail,
  DeadLetterPage,
  DeadLetterState,
  Fleet,
  ModelHealth,
  ModelObjectives,
  ModelVersion,
  ModelVersionPage,
  QualityPage,
  QualityVerdict,
  StreamQuality,
} from './contract.ts'
import type { DeadLetterChoice, DeadLetterFix, DeadLetterFixAnswer } from './dead-letter-answers.ts'
import type {
  DecisionQuery,
  HandDecision,
  HandRuleAnswer,
  ModelCard,
  OverridePage,
  OverrideQuery,
  PredictionOverrideAnswer,
} from './decision-answers.ts'
import type { DefinitionsNow, SwitchAnswer } from './definition-answers.ts'
import type { EvaluationAnswer, EvaluationOptions } from './evaluation-answers.ts'
import type { ExperimentDesk } from './experiment-desk.ts'
import type { FeatureColumns, FeatureQuery, FeatureReading } from './feature-answers.ts'
import type { InferenceService } from './inference/inference-service.ts'
import type { IngestAnswer } from './ingest-answers.ts'
import type { LakeFilesAnswer } from './lake-answers.ts'
import type { LeakAnswer } from './leak-answers.ts'
import type { LineageAnswer } from './lineage-answers.ts'
import type {
  CapacityAnswer,
  CapacityQuestion,
  LoadTestAnswer,
  LoadTestEnd,
  LoadTestStart,
  ServerLoad,
} from './load-test-answers.ts'
import type { TrackingHost } from './mlflow/endpoint.ts'
import type { ContractAnswer, ContractDiffAnswer, ContractTestsAnswer } from './model-contract-answers.ts'
import type { PredictAnswer, PredictOptions } from './prediction-answers.ts'
import type {
  LoggedPrediction,
  LoggedPredictionPage,
  LoggedPredictionQuery,
  PredictionLogState,
} from './prediction-log-answers.ts'
import type { ReadinessHost } from './readiness-answers.ts'
import type { RegistryDesk } from './registry-desk.ts'
import type { RetrainingHost } from './retraining-answers.ts'
import type { RowList } from './row-list.ts'
import type { DatasetAnswer, DatasetOptions, RunLogAnswer, RunStateAnswer, RunStepsAnswer } from './run-answers.ts'
import type { SigningDesk } from './signing-desk.ts'
import type { SimulationHost } from './simulation-answers.ts'
import type { SourceListing, SourceRunAnswer } from './source-answers.ts'
import type { StreamAnswerPage, StreamScoringListing } from './streaming-answers.ts'
import type { ImportOptions, ReleaseAnswer, ReleaseOptions, TrainAnswer, TrainOptions } from './training-answers.ts'
import type { AuditAnswer, ReplayAnswer, TraceAnswer } from './truth-answers.ts'

/** Everything that the command line and the HTTP routes can ask of a running platform. */
export interface Platform {
  fleet(): Promise<Fleet>
  modelHealth(
    model: string,
    range: { from?: number; to?: number; all?: boolean; features?: number; offset?: number },
  ): Promise<ModelHealth>
  /** What models promise, and how that stands. */
  objectives(model?: string): Promise<readonly ModelObjectives[]>
  alerts(query: AlertQuery): Promise<AlertPage>
  alert(id: string): Promise<AlertDetail>
  acknowledge(alert: string, actor: Actor): Promise<Alert>
  /** Sends an alert that says that it is a test, and waits until it was taken. */
  testAlert(model: string, actor: Actor): Promise<TestAlertAnswer>
  ingest(stream: string, rows: readonly unknown[]): Promise<IngestAnswer>
  /** Counts and keeps a body that could not be parsed, as one rejected row. */
  refuse(stream: string, body: string, reason: string): Promise<IngestAnswer>
  deadLetters(query: {
    stream?: string
    code?: string
    state?: DeadLetterState
    limit?: number
    offset?: number
  }): Promise<DeadLetterPage>
  deadLetter(letter: number): Promise<DeadLetterDetail>
  /** Tries rows of dead letters again, changed or as they are; tells only what would happen unless told to apply it. */
  fixDeadLetters(fix: DeadLetterFix, actor: Actor): Promise<DeadLetterFixAnswer>
  /** Gives dead letters up; they stay counted as rejected. */
  discardDeadLetters(choice: DeadLetterChoice, actor: Actor, reason: string): Promise<{ readonly discarded: number }>
  /** How the scoring of each model's stream stands. */
  streamScoring(): Promise<readonly StreamScoringListing[]>
  pauseStream(model: string, actor: Actor, reason: string): Promise<StreamScoringListing>
  resumeStream(model: string, actor: Actor, reason: string): Promise<StreamScoringListing>
  /** What a model answered to the events of its stream, after an offset; waits so many seconds for the first answer. */
  streamAnswers(
    model: string,
    page: { readonly after: number; readonly limit: number; readonly wait: number },
  ): Promise<StreamAnswerPage>
  sources(): Promise<readonly SourceListing[]>
  /** The last runs of a source, newest first. */
  sourceRuns(source: string, limit: number, before?: number): Promise<readonly SourceRunAnswer[]>
  /** Takes a turn of a source now: of the run under way, or of a new one. */
  runSource(source: string): Promise<SourceRunAnswer>
  /** Takes the events of a stretch of time, [from, to) in microseconds, again from a source, as history. */
  backfillSource(source: string, range: { from?: number; to?: number }, actor: Actor): Promise<SourceRunAnswer>
  /** Forgets how far a source was read. */
  resetSource(source: string, actor: Actor, reason: string): Promise<SourceListing>
  /** Takes rows by the columns that were found last. */
  acceptSource(source: string, actor: Actor): Promise<SourceListing>
  /**
   * Answered at once, unless the model waits for the disk (`log: 'sync'`) or a row asks about a time that only the log
   * still reaches.
   */
  predict(model: string, rows: RowList, options?: PredictOptions): PredictAnswer | Promise<PredictAnswer>
  /** What /v2 and gRPC serve: models that take their raw input vectors, past the feature layer. */
  readonly inference: InferenceService
  readonly registry: RegistryDesk
  /** The files that hold the history of one stream or of all. */
  lakeFiles(stream?: string): Promise<LakeFilesAnswer>
  /** Experiments and their runs. */
  readonly experiments: ExperimentDesk
  readonly signing: SigningDesk
  /** When models are trained without anybody asking, and what came of it. */
  readonly retraining: RetrainingHost
  /** What policies of retraining would have cost and brought. */
  readonly simulations: SimulationHost
  /** The twelve requirements, and evidence for them. */
  readonly readiness: ReadinessHost
  /** What the tracking protocol is answered from. */
  readonly tracking: TrackingHost
  /** Undefined before any were applied. */
  definitions(): Promise<DefinitionsNow | undefined>
  /** Brings other definitions of features into force; those before the ones in force when none are given. */
  switchDefinitions(change: { definition?: unknown; plan?: string; dry?: boolean }, actor: Actor): Promise<SwitchAnswer>
  /** A page of the catalogue, and a feature of it by its id. */
  features(query: CatalogueQuery): Promise<CataloguePage>
  feature(feature: string): Promise<CatalogueDetail>
  /** Features of many entities, with how fresh they are. */
  retrieve(query: FeatureQuery): Promise<FeatureColumns>
  featureVector(group: string, key: Readonly<Record<string, unknown>>, at?: number): Promise<readonly FeatureReading[]>
  /** Recomputes what was answered from a time on (microseconds), or all, or a sample of it. */
  audit(query: { model?: string; sample?: number; from?: number }): Promise<AuditAnswer>
  /** A page of what was logged. */
  loggedPredictions(query: LoggedPredictionQuery): Promise<LoggedPredictionPage>
  loggedPrediction(prediction: string): Promise<LoggedPrediction>
  /** What something was made from, and what was made from it. */
  lineage(query: { of: string; direction?: 'up' | 'down' | 'both'; most?: number }): Promise<LineageAnswer>
  /** OpenLineage events of what was done, a page of runs at a time. */
  lineageEvents(page: { cursor?: string; limit?: number }): Promise<Page<OpenLineageEvent>>
  /** Takes an OpenLineage event of another system. */
  takeLineage(event: unknown): Promise<void>
  /** How the log of predictions stands. */
  predictionLog(): Promise<PredictionLogState>
  trace(prediction: string): Promise<TraceAnswer>
  replay(prediction: string): Promise<ReplayAnswer>
  /** What a model does with its scores and at the edges of what it knows: of what serves, or else as it is defined. */
  card(model: string): Promise<ModelCard>
  /** Rules by hand, newest first: those in force, or all of the last ones. */
  decisions(query: DecisionQuery): Promise<readonly HandRuleAnswer[]>
  predictionOverrides(query: OverrideQuery): Promise<OverridePage>
  /** Decides by hand for all rows with a key. */
  decide(model: string, decision: HandDecision, actor: Actor, reason: string): Promise<HandRuleAnswer>
  revokeDecision(number: number, actor: Actor, reason: string): Promise<HandRuleAnswer>
  /** Records that somebody decided otherwise than a prediction did, after the fact. */
  overridePrediction(
    prediction: string,
    decision: string,
    actor: Actor,
    reason: string,
  ): Promise<PredictionOverrideAnswer>
  /** Verdicts on batches, newest first. */
  quality(query: { subject?: string; scope?: string; limit?: number; offset?: number }): Promise<QualityPage>
  qualityVerdict(verdict: string): Promise<QualityVerdict>
  /** What is known of a stream's rows: its last verdicts and a page of its columns. */
  streamQuality(stream: string, page: { limit?: number; offset?: number }): Promise<StreamQuality>
  /** Judges and profiles all rows of a stream. */
  profileStream(stream: string): Promise<StreamQuality>
  /** Proposes checks from earlier rows of a stream, and tries them on later ones. */
  suggestChecks(stream: string, options: { distributions?: boolean }): Promise<Suggestion>
  train(model: string, actor: Actor, options?: TrainOptions): Promise<TrainAnswer>
  /** Builds what a training would learn from. */
  buildDataset(model: string, options?: DatasetOptions): Promise<DatasetAnswer>
  /** Evaluates a version on a stretch of what has happened. */
  evaluate(model: string, version: number, options?: EvaluationOptions): Promise<EvaluationAnswer>
  /** Searches what a training would learn from for leaks. */
  checkDataset(model: string, options?: DatasetOptions): Promise<LeakAnswer>
  /** The steps of a training, its log after a line, and its end before it is done. */
  runSteps(run: string): Promise<RunStepsAnswer>
  runLog(query: { run: string; after?: number; limit?: number; wait?: number }): Promise<RunLogAnswer>
  cancelRun(run: string, actor: Actor): Promise<RunStateAnswer>
  /** Registers a model of another library as a candidate, judged as one that is trained here. */
  importModel(model: string, actor: Actor, options: ImportOptions): Promise<TrainAnswer>
  models(model?: string): Promise<readonly ModelVersion[]>
  versions(model: string, page: { limit?: number; offset?: number }): Promise<ModelVersionPage>
  /** An approved version with everything that it is made of. */
  bundle(model: string, version: number): Promise<ModelBundle>
  approve(model: string, version: number, actor: Actor, reason?: string): Promise<ModelVersion>
  reject(model: string, version: number, actor: Actor, reason: string): Promise<ModelVersion>
  /** It never serves again. */
  retire(model: string, version: number, actor: Actor, reason: string): Promise<ModelVersion>
  promote(
    model: string,
    version: number,
    actor: Actor,
    reason?: string,
    options?: ReleaseOptions,
  ): Promise<ReleaseAnswer>
  rollback(
    model: string,
    actor: Actor,
    reason: string,
    options?: Pick<ReleaseOptions, 'expected'>,
  ): Promise<ReleaseAnswer>
  /** What a version takes and gives, by default the one that serves. */
  contract(model: string, version?: number): Promise<ContractAnswer>
  contractDiff(model: string, from: number, to: number): Promise<ContractDiffAnswer>
  /** Rows that try a version's contract at its edges, with what becomes of each. */
  contractTests(model: string, version?: number): Promise<ContractTestsAnswer>
  /** The contract of each version that serves. */
  servedContracts(): readonly ModelContract[]
  batches(): Promise<readonly BatchListing[]>
  /** Runs that scored a population, newest first. */
  batchRuns(query: {
    batch?: string
    model?: string
    limit?: number
    offset?: number
  }): Promise<readonly BatchRunAnswer[]>
  batchRun(run: string): Promise<BatchRunAnswer>
  /** Scores the population of a batch; the time is in microseconds, now unless given. */
  runBatch(
    batch: string,
    actor: Actor,
    options?: { at?: number; onProgress?: (sentence: string, done: number) => void },
  ): Promise<BatchRunAnswer>
  cancelBatch(batch: string, actor: Actor): Promise<BatchRunAnswer>
  /** Begins and ends a run over files that the caller reads and writes itself. */
  beginScoring(model: string, actor: Actor, start: ScoringStart): Promise<ScoringAnswer>
  endScoring(run: string, end: ScoringEnd): Promise<BatchRunAnswer>
  /** Load tests, newest first, and one by its number. */
  loadTests(query: { model?: string; limit?: number; offset?: number }): Promise<readonly LoadTestAnswer[]>
  loadTest(number: number): Promise<LoadTestAnswer>
  /** What a load test of a model needs, with at most so many rows. */
  beginLoadTest(model: string, rows: number, actor: Actor): Promise<LoadTestStart>
  /** Judges what was measured, and keeps it as evidence. */
  endLoadTest(model: string, end: LoadTestEnd, actor: Actor): Promise<LoadTestAnswer>
  /** What this process has used up. */
  serverLoad(): Promise<ServerLoad>
  /** Replicas of a version, what serves unless one is named, for a target of requests a second, each with a share that stays free. */
  capacity(model: string, target: number, question: CapacityQuestion): Promise<CapacityAnswer>
  /** Prometheus text. */
  metrics(): Promise<string>
  ready(): boolean
  /** Why it is not ready; nothing when it is. */
  reasonsNotReady(): readonly string[]
  close(): Promise<void>
}
