import type { Digest } from '../../core/digest.ts'
import type { Variant } from '../../data/features/vector.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { Evaluation } from './evaluate.ts'
import type { EvaluatedFiles, StretchEvaluation } from './evaluate-stretch.ts'
import type { GateResult } from './gate.ts'
import type { Holdout } from './holdout.ts'
import type { DatasetJudgement } from './judge-dataset.ts'
import type { FoldsEvaluation } from './judge-folds.ts'
import type { LeakReportOfRows } from './leaks/leak-finding.ts'
import type { MatchedInputs } from './match-inputs.ts'
import type { StepFile, StepKeeping } from './pipeline/step-cache.ts'
import type { StepEvent } from './pipeline/step-event.ts'
import type { SearchResult } from './search/search-result.ts'
import type { TimeSplit } from './time-split.ts'

/** A file of events in the lake, as a training process needs to know it. */
export interface EventFile {
  /** Absolute path. */
  readonly path: string
  readonly digest: Digest
  readonly rows: number
  /** Digests of the files in which its rows were first written, where it was merged from others: see `Lake.origins`. */
  readonly origins?: readonly Digest[]
}

/** A model that the candidate is compared with. */
export interface Rival {
  readonly role: 'baseline' | 'champion'
  readonly version: number
  /** Paths of the files of its forest, of its encoders, and of its calibration if it has one. */
  readonly scorer: string
  readonly encoders: string
  readonly calibration?: string
  readonly vectors: RivalVectors
}

/** Where a rival's vectors of the candidate's rows come from. */
export type RivalVectors =
  /** They are part of the candidate's: all that it reads is there and means what it meant. */
  | { readonly kind: 'shared' }
  /** It is replayed by the definitions that it was trained with, over the streams of now. */
  | { readonly kind: 'own'; readonly project: ProjectDefinition; readonly variant: Variant }
  /** The streams can no longer feed what it reads, or it learnt other classes. */
  | { readonly kind: 'lost' }

/** A file of a model that another library trained. */
export interface ImportedFile {
  readonly path: string
  /** Whether its inputs are matched by their order, and not by their names. */
  readonly byOrder: boolean
}

/** Everything that a training process is given: it opens no database, only these files. */
export interface TrainingJob {
  readonly project: ProjectDefinition
  readonly model: string
  readonly variant: Variant
  /** The state of the data that it trains on: events at offsets up to here, outcomes known before `cut`. */
  readonly offset: number
  /** Microseconds. */
  readonly cut: number
  readonly files: Readonly<Record<string, readonly EventFile[]>>
  readonly rivals: readonly Rival[]
  /** The test rows of candidates before it, which are used up in part; absent where there were none. */
  readonly looks?: readonly Holdout[]
  /** What is judged in place of a model that is trained; absent where one is. */
  readonly imported?: ImportedFile
  readonly threads: number
  /** Absolute path of the folder of the project, where its programs run; absent where there is none. */
  readonly projectFolder?: string
  /** Folder for what the process writes; it exists and is empty. */
  readonly folder: string
  /** Where the outputs of its steps are kept; in its own folder unless given. */
  readonly keeping?: StepKeeping
}

/** What a training process is told to do: all of it, the dataset alone, the search for leaks in it, or an evaluation. */
export interface TrainingTask {
  readonly kind: 'train' | 'dataset' | 'leaks' | 'evaluate'
  readonly job: TrainingJob
  /** The version that is to be evaluated. */
  readonly evaluated?: EvaluatedFiles
}

/** What a dataset was made of: the same manifest, the same rows. */
export interface DatasetManifest {
  readonly rows: number
  readonly parts: { readonly train: number; readonly validate: number; readonly test: number }
  /** Where the parts begin and the last one ends, microseconds of t; absent of older runs. */
  readonly bounds?: TimeSplit
  /** Range of t, microseconds: from inclusive, to exclusive. */
  readonly from: number
  readonly to: number
  readonly cut: number
  readonly offset: number
  /** Rows that asked and are not learnt from, by why. */
  readonly excluded: {
    /** Before the first part of the split begins; absent of older runs. */
    readonly before?: number
    /** After its last part: their outcomes may still come. */
    readonly immature: number
    readonly unlabelled: number
    /** Of those without a label, how many had an outcome that is none of the classes; absent of a label without any. */
    readonly otherClass?: number
  }
  readonly inputs: readonly string[]
  /** What the numbers of a label of several classes stand for, from 0 on; absent of any other label, and of older runs. */
  readonly classes?: readonly string[]
  readonly files: Readonly<Record<string, readonly { readonly digest: Digest; readonly rows: number }[]>>
  readonly features: Readonly<Record<string, Digest>>
  /** Digest of the times, inputs and labels, bit for bit and in order: a tree over blocks of rows. */
  readonly content: Digest
  /** Of each block of so many rows; absent of older runs. */
  readonly blocks?: { readonly rows: number; readonly digests: readonly Digest[] }
}

/** What a training process gives back; files are in the job's folder. */
export interface TrainingResult {
  readonly dataset: DatasetManifest
  readonly datasetSeconds: number
  readonly trainSeconds: number
  readonly inputs: readonly { readonly name: string; readonly type: string }[]
  readonly features: Readonly<Record<string, Digest>>
  /** Trees kept. */
  readonly trees: number
  /** What was chosen on the validation rows, by the names of the trainer's parameters. */
  readonly chosen?: Readonly<Record<string, number>>
  /** What a search tried, and how the trainer did over the folds of the split, where the model asks for them. */
  readonly search?: SearchResult
  readonly folds?: FoldsEvaluation
  /** Gains by input, of all columns that it is encoded into. */
  readonly importance: readonly { readonly feature: string; readonly gain: number }[]
  readonly evaluation: Evaluation
  readonly gate: GateResult
  readonly environment: Readonly<Record<string, unknown>>
  readonly scorerFile: string
  readonly encodersFile: string
  /** Absent where scores stay as they are. */
  readonly calibrationFile?: string
  /** Absent where the model cannot be said so. */
  readonly onnxFile?: string
  /** What explains its scores; absent where the scorer says all of it, or nothing does. */
  readonly explanationFile?: string
  readonly goldenFile: string
  /** What monitors will compare with; absent where nobody asked for it. */
  readonly referenceFile?: string
  /** Of a model that a program of the project made: what it measured itself, and files to keep with the version, by name. */
  readonly program?: {
    readonly metrics: Readonly<Record<string, number>>
    readonly files: Readonly<Record<string, string>>
  }
  /** Of a model that was read from a file. */
  readonly imported?: {
    readonly format: string
    readonly writtenBy: string
    /** What it was trained for. */
    readonly objective: string
    /** What its inputs were taken for; absent of what a program of the project gave. */
    readonly matched?: MatchedInputs
  }
}

/** A dataset that was built and kept. */
export interface DatasetResult {
  readonly manifest: DatasetManifest
  /** The rows: see `writeRows`. */
  readonly file: StepFile & { readonly path: string }
}

/** Messages from a training process. */
export type TrainingMessage =
  | { readonly kind: 'judged'; readonly judgements: readonly DatasetJudgement[] }
  | { readonly kind: 'step'; readonly event: StepEvent }
  | { readonly kind: 'progress'; readonly sentence: string; readonly done: number }
  | { readonly kind: 'result'; readonly result: TrainingResult | DatasetResult | LeakReportOfRows | StretchEvaluation }
  | {
      readonly kind: 'error'
      readonly code: string
      readonly message: string
      readonly path?: string
      readonly remedy?: string
    }
