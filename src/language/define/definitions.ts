import type { DataType, DataTypeName, Schema, Value } from '../../core/data-type.ts'
import type { AggregateParameters } from '../aggregate/aggregate.ts'
import type { AggregateName } from '../aggregate/registry.ts'
import type { Expression } from '../expr/expression.ts'
import type { ApprovalsDefinition } from './approvals-definition.ts'
import type { BatchDefinition } from './batch-definition.ts'
import type { BehaviourDefinition } from './behaviour-definition.ts'
import type { CalibrationMethod } from './calibration-definition.ts'
import type { CheckDefinition } from './check-definition.ts'
import type { ConsumerDefinition } from './consumer-definition.ts'
import type {
  AdverseDefinition,
  DecisionDefinition,
  FallbackDefinition,
  OverrideDefinition,
} from './decision-definition.ts'
import type { EncodingDefinition } from './encoding-definition.ts'
import type { LeakRules } from './leak-definition.ts'
import type { LimitsDefinition } from './limits-definition.ts'
import type { PredictionLogDefinition, PredictionsDefinition } from './prediction-log-definition.ts'
import type { RawModelDefinition } from './raw-model-definition.ts'
import type { RetrainDefinition } from './retrain-definition.ts'
import type { SearchDefinition } from './search-definition.ts'
import type { SloDefinition } from './slo-definition.ts'
import type { SourceDefinition } from './source-definition.ts'
import type { Task } from './task.ts'
import type { TrainerDefinition } from './trainer-definition.ts'
import type { TrainingDefinition } from './training-definition.ts'
import type { WeightsDefinition } from './weights-definition.ts'
import type { Window } from './window.ts'

export type { Window }

/**
 * What a project is, as plain data: stored, digested, and reloaded without the code that built it. Times and durations
 * are microseconds; every default is explicit here.
 */
export interface ProjectDefinition {
  readonly streams: Readonly<Record<string, StreamDefinition>>
  readonly entities: Readonly<Record<string, EntityDefinition>>
  readonly features: Readonly<Record<string, FeaturesDefinition>>
  readonly requests: Readonly<Record<string, RequestDefinition>>
  readonly derived: Readonly<Record<string, DerivedDefinition>>
  readonly tables: Readonly<Record<string, TableDefinition>>
  readonly models: Readonly<Record<string, ModelDefinition>>
  readonly sources?: Readonly<Record<string, SourceDefinition>>
  readonly batches?: Readonly<Record<string, BatchDefinition>>
  readonly rawModels?: Readonly<Record<string, RawModelDefinition>>
  readonly alerts?: AlertsDefinition
  readonly predictions?: PredictionsDefinition
  readonly limits?: LimitsDefinition
}

/** Any definition of a project. */
export type Definition =
  | StreamDefinition
  | EntityDefinition
  | FeaturesDefinition
  | RequestDefinition
  | DerivedDefinition
  | TableDefinition
  | ModelDefinition
  | SourceDefinition
  | BatchDefinition
  | RawModelDefinition
  | AlertsDefinition
  | PredictionsDefinition
  | LimitsDefinition

/** Prose about a definition: shown everywhere, part of no digest. */
export interface Prose {
  readonly owner?: string
  readonly description?: string
}

/** A kind of event: what its rows look like and when they count. */
export interface StreamDefinition extends Prose {
  readonly kind: 'stream'
  readonly name: string
  readonly schema: Schema
  /** Columns by which events are routed to a partition of the log. */
  readonly key: readonly string[]
  /** Columns that identify an event; by default the key and the time together. */
  readonly id: readonly string[]
  /** Column of the event time. */
  readonly time: string
  /** Column that orders events of one entity at the same time, before their ids do. */
  readonly sequence?: string
  /** For imported history: when a row became known, as a column or as a lag behind the event time. */
  readonly knownAt: { readonly column: string } | { readonly lag: number }
  /** How far in the future an event time may lie. */
  readonly ahead: number
  readonly corrections: { readonly within: number }
  /** What must hold of the rows; absent: nothing but the schema. */
  readonly quality?: readonly CheckDefinition[]
  /** Largest share of rows refused that a batch may have and pass. */
  readonly rejectBudget?: number
  /** The model whose answers it holds: the platform alone writes to it. */
  readonly madeBy?: string
}

/** A thing that features describe, named by its key columns. */
export interface EntityDefinition extends Prose {
  readonly kind: 'entity'
  readonly name: string
  readonly key: Schema
}

/** Windowed aggregates of one stream per entity. */
export interface FeaturesDefinition extends Prose {
  readonly kind: 'features'
  readonly name: string
  readonly entity: string
  readonly from: string
  /** Key column of the entity -> column of the stream that carries it. */
  readonly keys: Readonly<Record<string, string>>
  readonly select: Readonly<Record<string, FeatureDefinition>>
  /** An entity with no visible row within this time is an `unknown_key`; 'lifetime' when a window is. */
  readonly horizon: number | 'lifetime'
  /** Promised age of the newest data, for watching. */
  readonly freshness?: number
  readonly expect: readonly CheckDefinition[]
}

/** One feature: an aggregate over the rows of a window. */
export interface FeatureDefinition {
  readonly aggregate: AggregateName
  /** Absent for `count` and `timeSinceLast`, which take whole rows. */
  readonly argument?: Expression
  /** Absent where the aggregate takes none. */
  readonly parameters?: AggregateParameters
  readonly where?: Expression
  readonly window: Window
  /** Type of the value, and the scale of a decimal. */
  readonly type: DataTypeName
  readonly scale?: number
  readonly description?: string
}

/** Features computed from the row that asks, at the moment of asking. */
export interface RequestDefinition extends Prose {
  readonly kind: 'request'
  readonly name: string
  readonly select: Readonly<Record<string, Expression>>
}

/** Features over features: expressions over what other definitions give for the same row at the same t. */
export interface DerivedDefinition extends Prose {
  readonly kind: 'derived'
  readonly name: string
  /** What the expressions read beside columns of the row that asks, by the name that they call it. */
  readonly reads: Readonly<Record<string, ReadDefinition>>
  readonly select: Readonly<Record<string, Expression>>
}

/** A reference table: of each key the row that is valid at t. Its rows are the events of the stream of its name. */
export interface TableDefinition extends Prose {
  readonly kind: 'table'
  readonly name: string
  /** Columns of its stream. */
  readonly key: readonly string[]
  /** Columns of its stream: a row is valid at t when `validFrom <= t < validTo`, or has no end. */
  readonly validFrom: string
  readonly validTo?: string
  /** Its rows have no history, and hold for all times. */
  readonly static: boolean
  /** The columns that it gives, with their types. */
  readonly select: Readonly<Record<string, DataType>>
}

/** One value that another definition gives. */
export type ReadDefinition =
  | KeyedRead<'features'>
  | KeyedRead<'table'>
  | { readonly kind: 'request' | 'derived'; readonly name: string; readonly feature: string }

export interface KeyedRead<Kind extends 'features' | 'table'> {
  readonly kind: Kind
  readonly name: string
  readonly feature: string
  /** Column of the key -> column of the row that asks. */
  readonly keys: Readonly<Record<string, string>>
}

/** What a model reads, as it is or encoded. */
export type ModelInput = PlainInput | EncodedInput

/** Each value of an input, encoded for the model. */
export interface EncodedInput {
  readonly kind: 'encoded'
  readonly encoding: EncodingDefinition
  readonly input: PlainInput
}

/** A group of features, request or derived features, columns of a reference table or of the row itself. */
export type PlainInput =
  | {
      readonly kind: 'features'
      readonly name: string
      readonly only?: readonly string[]
      readonly keys: Readonly<Record<string, string>>
    }
  | { readonly kind: 'request' | 'derived'; readonly name: string; readonly only?: readonly string[] }
  | {
      readonly kind: 'table'
      readonly name: string
      readonly only?: readonly string[]
      readonly keys: Readonly<Record<string, string>>
      /** What its values are called in the vector; the table's name when absent. */
      readonly as?: string
    }
  | { readonly kind: 'pick'; readonly columns: readonly string[] }

/** How a row gets its outcome: the first event of a stream with the same key in [t, t + within). */
export interface LabelDefinition {
  readonly from: string
  readonly expression: Expression
  readonly type: DataTypeName
  /**
   * What the outcome, a text, can be, in the order in which labels and scores number it from 0; absent of a condition or a number. A
   * row with any other outcome is left out.
   */
  readonly classes?: readonly string[]
  /** Column of the model's stream -> column of the label's stream. */
  readonly on: Readonly<Record<string, string>>
  readonly within: number
  readonly grace: number
  /** What it means that no event came: the row has no label, or this value. */
  readonly absent: 'exclude' | { readonly value: Value }
}

export interface SplitDefinition {
  readonly kind: 'time'
  readonly train: number
  readonly validate: number
  readonly test: number
  /** Folds over the time of training and validation that the trainer is judged on besides; absent: none. */
  readonly folds?: number
  /**
   * How much longer than its outcome may take a row must lie before a fold to be learnt from for it; 0 unless given. Of a split without
   * folds, before its next part; unless given its parts are learnt from whole.
   */
  readonly embargo?: number
}

export interface GateDefinition {
  readonly metric: 'auc' | 'log_loss' | 'brier' | 'rmse' | 'mae' | 'r2' | 'accuracy' | 'macro_auc' | 'macro_f1'
  /** The model without windowed features, trained on the same rows and kept for ever. */
  readonly baseline: 'without_windows'
  /** The candidate may be worse than the champion by at most this much. */
  readonly champion: { readonly margin: number }
  /** Columns of the row whose groups are judged one by one. */
  readonly segments: readonly string[]
  /** On one group the candidate may be worse than the champion by at most this much; absent: five of its margins. */
  readonly segmentMargin?: number
  /** Groups of so many rows must each prove themselves; absent: those that can, and the others together. */
  readonly segmentRows?: number
  /** Column of the row whose equal values make rows depend on each other; absent: rows of one hour do. */
  readonly clusters?: string
  /** The share of right decisions may fall by at most this much against the champion; absent: it is not judged. */
  readonly decisions?: { readonly margin: number }
  /** How scores must behave, beside being finite and in range. */
  readonly behaviour?: readonly BehaviourDefinition[]
}

export interface ServeDefinition {
  /** With `stream`, each event of the model's stream is scored as it comes. */
  readonly modes: readonly ('realtime' | 'batch' | 'stream')[]
  readonly slo?: SloDefinition
  readonly decision?: DecisionDefinition
  /** Rules that decide whatever the score says, in order: the first one that holds. */
  readonly overrides?: readonly OverrideDefinition[]
  /** The decision when no score can be had: one for all causes, or by cause. */
  readonly fallback?: string | FallbackDefinition
  /** Which decisions carry the inputs that led to them, where an answer is asked for reasons. */
  readonly adverse?: AdverseDefinition
  /** Group commit (an answer precedes the disk by at most 50 ms), one commit an answer, or what more is said of it. */
  readonly log: 'group' | 'sync' | PredictionLogDefinition
  /** Who asks, and what they rely on: part of no digest. */
  readonly consumers?: readonly ConsumerDefinition[]
}

export interface MonitorDefinition {
  /** Smallest population stability index that counts as drift. */
  readonly psi: number
  /** False-alarm rate of the tests. */
  readonly alpha: number
  /** Fewest rows of a window that is judged. */
  readonly minimum: number
  /** Smallest fall of the metric against the evaluation that counts. */
  readonly performanceDrop: number
  /** How long an event of the model's stream may wait to be scored; absent: `DEFAULT_STREAM_LAG`. */
  readonly streamLag?: number
}

export interface CardDefinition {
  readonly intendedUse?: string
  readonly limits?: string
  readonly owner?: string
  readonly escalation?: string
}

/** Where alerts go besides the log. */
export interface AlertsDefinition {
  readonly kind: 'alerts'
  /** Address that each alert is posted to as JSON. */
  readonly webhook: string
}

/** One model: what it predicts, from what, how it is trained, judged, served and watched. */
export interface ModelDefinition extends Prose {
  readonly kind: 'model'
  readonly name: string
  readonly predicts: string
  readonly task: Task
  /** The stream whose rows ask for predictions: one row, one prediction. */
  readonly at: string
  /** Column of the row that is t; absent: t is the moment of the prediction. */
  readonly time?: string
  /** Historical rows see what was known this long before t. */
  readonly servingLag: number
  readonly features: readonly ModelInput[]
  readonly label: LabelDefinition
  readonly split: SplitDefinition
  readonly trainer: TrainerDefinition
  /** Absent: the trainer learns with its parameters as they are. */
  readonly search?: SearchDefinition
  /** Absent: each row counts once. */
  readonly weights?: WeightsDefinition
  /** Absent: scores stay as the trainer's model gives them. */
  readonly calibration?: CalibrationMethod
  readonly gate: GateDefinition
  readonly serve: ServeDefinition
  readonly monitor: MonitorDefinition
  readonly retrain: RetrainDefinition
  readonly card: CardDefinition
  /** What must hold of the training rows before they are learnt from, and of the newest ones before a version serves. */
  readonly quality?: {
    readonly training: readonly CheckDefinition[]
    readonly serving: readonly CheckDefinition[]
    readonly leaks?: LeakRules
  }
  /** How its trainings run; absent: without limits, after the project's tests. */
  readonly training?: TrainingDefinition
  /** Absent: one person approves a version, anybody but its author. */
  readonly approvals?: ApprovalsDefinition
  /** Aliases that only an approved version may have; absent: `champion` and `production`. */
  readonly protectedAliases?: readonly string[]
  /** Public keys as PEM: a version serves only with a signature by one of them; absent: none is asked for. */
  readonly signedBy?: readonly string[]
}
