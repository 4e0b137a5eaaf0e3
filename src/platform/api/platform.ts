import type { Digest } from '../../core/digest.ts'
import type { GroupFreshness } from '../../data/features/freshness.ts'
import type { Suggestion } from '../../data/quality/suggest/suggest-checks.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { CatalogueDetail, CataloguePage, CatalogueQuery } from './catalogue-answers.ts'
import type {
  Alert,
  AlertPage,
  DeadLetterDetail,
  DeadLetterPage,
  DeadLetterState,
  Fleet,
  ModelHealth,
  ModelVersion,
  ModelVersionPage,
  QualityPage,
  QualityVerdict,
  StreamQuality,
} from './contract.ts'
import type { SourceListing, SourceRunAnswer } from './source-answers.ts'

/** Who acts. Before logins exist a name is asserted (`--as`), and recorded as such. */
export interface Actor {
  readonly name: string
}

/** What became of the rows of one ingest call: they are taken one by one. */
export interface IngestAnswer {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: readonly {
    readonly index: number
    readonly code: string
    readonly reason: string
    readonly id?: string
  }[]
}

export interface PredictOptions {
  /** Adds each feature's value and status to the answer. */
  readonly features?: boolean
  /** Says how fresh what was read is, also when all of it is as fresh as promised. */
  readonly freshness?: boolean
  /** How it was asked for, recorded with the prediction. */
  readonly mode?: string
}

export interface FeatureReading {
  readonly name: string
  readonly value: number | string | boolean | null
  readonly status: 'value' | 'null' | 'empty' | 'unknown_key'
}

/** What is asked about entities: see `Platform.retrieve`. */
export interface FeatureQuery {
  /** Each is a `group`, for all of its features, or a `group.feature`. */
  readonly features: readonly string[]
  /** By key column, the value of each entity. */
  readonly keys: Readonly<Record<string, readonly unknown[]>>
  /** The time of the question, microseconds; now unless given. */
  readonly at?: number | undefined
}

/** Features of entities, column by column; item i of each column belongs to entity i. */
export interface FeatureColumns {
  /** The time of the question, microseconds. */
  readonly t: number
  /** Of each group. */
  readonly freshness: readonly GroupFreshness[]
  readonly features: readonly {
    /** `group.feature` */
    readonly name: string
    readonly values: readonly FeatureReading['value'][]
    readonly statuses: readonly FeatureReading['status'][]
  }[]
}

export type PredictionAnswer =
  | {
      readonly prediction_id: string
      readonly score: number
      readonly decision?: string
      readonly features?: readonly FeatureReading[]
    }
  | {
      readonly error: { readonly error: string; readonly code: string; readonly path?: string; readonly remedy: string }
      readonly decision?: string
    }

/** The answer of a predict call. */
export interface PredictAnswer {
  readonly model: string
  readonly version: number
  readonly digest: string
  readonly predictions: readonly PredictionAnswer[]
  /** Of each group that was read: when it was asked for, or one of them is older than it promises. */
  readonly freshness?: readonly GroupFreshness[]
}

/** One input of a model as it is sent raw: a number, a bool as 0 or 1, or a text that the model encodes itself. */
export interface RawInput {
  readonly name: string
  readonly isText: boolean
}

/** Values of one raw input: NaN or null is missing. */
export type RawColumn = Float64Array | readonly (string | null)[]

/** The version that serves, as seen by who sends raw inputs. */
export interface ServedModel {
  readonly model: string
  readonly version: number
  readonly digest: string
  readonly inputs: readonly RawInput[]
  readonly decides: boolean
  /**
   * Scores raw vectors, given as one column an input in the order of `inputs` (NaN is missing); logged and watched like
   * any prediction. Answered at once, unless the model waits for the disk.
   */
  infer(columns: readonly RawColumn[], rows: number): readonly InferredRow[] | Promise<readonly InferredRow[]>
}

export interface InferredRow {
  readonly predictionId: string
  readonly score: number
  readonly decision?: string
}

/** Which dead letters are meant: one by its number, or all open ones of a stream, or of a code of it. */
export interface DeadLetterChoice {
  readonly letter?: number
  readonly stream?: string
  readonly code?: string
}

/** How rows are changed before they are tried again; nothing of it: as they are. */
export interface DeadLetterFix extends DeadLetterChoice {
  /** Assignments in their order, such as `amount = number(trim(amount))`. */
  readonly set?: readonly string[]
  /** Members of the row to leave out. */
  readonly drop?: readonly string[]
  /** The whole row by hand, for one letter. */
  readonly row?: unknown
  /** Without it nothing changes: the answer tells what would. */
  readonly apply?: boolean
}

/** What became of dead letters that were tried again, or would. */
export interface DeadLetterFixAnswer {
  readonly applied: boolean
  /** Open letters that are meant. */
  readonly matched: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  /** Left alone: part of the row was never kept. */
  readonly incomplete: number
  /** The rejected ones by their code. */
  readonly codes: Readonly<Record<string, number>>
  /** The first few, with the row before and after. */
  readonly examples: readonly {
    readonly letter: number
    readonly before: string
    readonly after: string
    readonly outcome: 'accepted' | 'duplicate' | 'rejected'
    readonly code?: string
    readonly reason?: string
  }[]
}

/** What a training run gave: the version that it registered and the verdict of the gate. */
export interface TrainAnswer {
  readonly run: string
  readonly model: string
  readonly version: number
  readonly digest: string
  /** False when the very same model was registered before: it keeps its version. */
  readonly isNew: boolean
  readonly variant: 'full' | 'without_windows'
  /** The version of the baseline, when it had to be trained first. */
  readonly baseline?: number
  readonly dataset: { readonly rows: number; readonly seconds: number; readonly digest: string }
  readonly trainSeconds: number
  readonly metrics: Readonly<Record<string, number>>
  readonly gate: { readonly verdict: 'pass' | 'fail' | 'insufficient'; readonly sentence: string }
}

export interface TrainOptions {
  readonly variant?: 'full' | 'without_windows' | undefined
  /** Trains on what was known then, microseconds; now unless given. */
  readonly at?: number | undefined
  readonly onProgress?: ((sentence: string, done: number) => void) | undefined
}

export interface ReleaseAnswer {
  readonly model: string
  readonly version: number
  readonly previous?: number
  readonly digest: string
  /** Real seconds from the call until the version served. */
  readonly seconds: number
}

/** The definitions that a data directory is run with, and what serves by them. */
export interface DefinitionsNow {
  readonly digest: Digest
  readonly definition: ProjectDefinition
  /** Versions that may serve, with the definitions that each was trained with. */
  readonly versions: readonly {
    readonly model: string
    readonly version: number
    readonly variant: 'full' | 'without_windows'
    readonly definition: ProjectDefinition
  }[]
}

/** A definition that means something else than before, itself or by what it depends on. */
export interface DefinitionChange {
  readonly kind: 'stream' | 'entity' | 'features' | 'table' | 'model'
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed'
  /** Digests of the meanings: absent where there is none. */
  readonly before?: Digest
  readonly after?: Digest
}

/** A version and some of the groups and tables that it reads. */
export interface VersionReads {
  readonly model: string
  readonly version: number
  readonly features: readonly string[]
}

/** What would change if the definitions of a project file came into force. */
export interface DefinitionPlan {
  /** Names this plan: the definitions before and after it, prose included. */
  readonly plan: Digest
  /** Null when none are in force yet. */
  readonly before: Digest | null
  readonly after: Digest
  /** Everything that means something else then, dependents included; empty when only prose differs. */
  readonly changes: readonly DefinitionChange[]
  /** Reference tables without history: training sees their rows of today in rows of long ago. */
  readonly static: readonly string[]
  /** Versions that may serve and go on with features or tables as they were before, which are kept for them. */
  readonly keeps: readonly VersionReads[]
  /** Versions that could not serve any more, with what the streams could no longer feed. */
  readonly stops: readonly VersionReads[]
}

/** One feature under two definitions, at the same moments and with the same events seen. */
export interface FeatureComparison {
  readonly feature: string
  readonly change: 'same' | 'differs' | 'added' | 'removed'
  /** Moments at which value and status are the same bits, and at which they are not. */
  readonly equal: number
  readonly different: number
  /** Of the values that differ and are numbers under both. */
  readonly meanDifference?: number
  readonly largestDifference?: number
  readonly examples: readonly {
    readonly key: Readonly<Record<string, unknown>>
    /** Microseconds. */
    readonly t: number
    readonly before: FeatureReading['value']
    readonly after: FeatureReading['value']
    readonly statuses: readonly [before: string, after: string]
  }[]
}

export interface GroupComparison {
  /** Moments compared, spread over the log. */
  readonly moments: number
  readonly features: readonly FeatureComparison[]
}

/** A group of features that was filled from the log. */
export interface SwitchedGroup {
  readonly name: string
  readonly digest: Digest
  readonly seconds: number
  readonly entities: number
  /** With the group of the same name that was in force; absent where there was none. */
  readonly comparison?: GroupComparison
}

/** What other definitions change, and whether they are in force now. */
export interface SwitchAnswer extends DefinitionPlan {
  readonly groups: readonly SwitchedGroup[]
  readonly inForce: boolean
}

/** What audits found about a feature of a model. */
export interface FeatureParity {
  readonly feature: string
  /** Values that were recomputed, and how many of them came out differently. */
  readonly checked: number
  readonly mismatches: number
  /** How many of those that were looked into have which cause. */
  readonly causes: Readonly<Record<string, number>>
}

/** What an audit found. */
export interface AuditAnswer {
  readonly checked: number
  readonly mismatches: number
  /** Answered and not in the log: the disk was too slow, or full. */
  readonly unverifiable: number
  readonly seconds: number
  readonly features: readonly FeatureParity[]
  readonly examples: readonly {
    readonly prediction: string
    readonly feature: string
    readonly served: number | null
    readonly replayed: number | null
    readonly statuses: readonly [served: FeatureReading['status'], replayed: FeatureReading['status']]
    /** late, version, ttl, code or corruption; unknown where it was not looked for. */
    readonly cause: string
  }[]
}

/** A prediction back to its sources. */
export interface TraceAnswer {
  readonly prediction: {
    readonly id: string
    readonly model: string
    readonly version: number
    readonly digest: string
    readonly t: number
    readonly servedAt: number
    readonly mode: string
    readonly row: Readonly<Record<string, unknown>>
    readonly score: number
    readonly decision?: string
  }
  readonly run?: { readonly id: string; readonly dataset: string; readonly author: string }
  readonly features: readonly (FeatureReading & {
    readonly logic: string
    readonly digest?: string
    /** Events that made the value: how many, and the newest ones. */
    readonly events?: {
      readonly total: number
      readonly newest: readonly {
        readonly offset: number
        readonly id: string
        readonly revision: number
        readonly eventTime: number
      }[]
    }
  })[]
  readonly cut: readonly {
    readonly group: string
    readonly generation: number
    readonly partition: number
    readonly offset: number
  }[]
}

/** A prediction made again from the log and the registry. */
export interface ReplayAnswer {
  readonly id: string
  readonly same: boolean
  readonly served: { readonly score: number; readonly decision?: string }
  readonly replayed: { readonly score: number; readonly decision?: string }
  readonly differences: readonly {
    readonly feature: string
    readonly served: Omit<FeatureReading, 'name'>
    readonly replayed: Omit<FeatureReading, 'name'>
  }[]
}

/** Everything that the command line and the HTTP routes can ask of a running platform. */
export interface Platform {
  fleet(): Promise<Fleet>
  modelHealth(
    model: string,
    range: { from?: number; to?: number; features?: number; offset?: number },
  ): Promise<ModelHealth>
  alerts(query: { open?: boolean; limit?: number; offset?: number }): Promise<AlertPage>
  acknowledge(alert: string, actor: Actor): Promise<Alert>
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
  sources(): Promise<readonly SourceListing[]>
  /** The last runs of a source, newest first. */
  sourceRuns(source: string, limit: number): Promise<readonly SourceRunAnswer[]>
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
  predict(model: string, rows: readonly unknown[], options?: PredictOptions): PredictAnswer | Promise<PredictAnswer>
  /** What /v2 serves: the model's raw input vector, past the feature layer. */
  servedModel(model: string): ServedModel
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
  trace(prediction: string): Promise<TraceAnswer>
  replay(prediction: string): Promise<ReplayAnswer>
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
  models(model?: string): Promise<readonly ModelVersion[]>
  versions(model: string, page: { limit?: number; offset?: number }): Promise<ModelVersionPage>
  approve(model: string, version: number, actor: Actor, reason?: string): Promise<ModelVersion>
  reject(model: string, version: number, actor: Actor, reason: string): Promise<ModelVersion>
  promote(model: string, version: number, actor: Actor, reason?: string): Promise<ReleaseAnswer>
  rollback(model: string, actor: Actor, reason: string): Promise<ReleaseAnswer>
  /** Prometheus text. */
  metrics(): Promise<string>
  ready(): boolean
  close(): Promise<void>
}
