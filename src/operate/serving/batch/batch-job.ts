import type { Digest } from '../../../core/digest.ts'
import type { QualityReport } from '../../../data/quality/quality-run.ts'
import type { BatchDefinition } from '../../../language/define/batch-definition.ts'
import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import type { ModelVersion } from '../../../models/registry/model-version.ts'
import type { EventFile } from '../../../models/training/training-job.ts'
import type { HandRule } from '../hand-rules.ts'

/** Everything that a process that scores a population is given: it opens no database of the platform, only these files. */
export interface BatchJob {
  /** Id of the run, a part of the id of each of its predictions. */
  readonly run: string
  readonly definition: Omit<BatchDefinition, 'kind' | 'name' | 'schedule' | 'owner' | 'description'>
  /** Folder that relative paths of the definition are below. */
  readonly base: string
  readonly version: ModelVersion
  /** The definitions that the version was trained with. */
  readonly project: ProjectDefinition
  /** Folder of the artifacts. */
  readonly artifacts: string
  /** The moment as of which is scored: events known before it count, up to the offset. Microseconds. */
  readonly at: number
  readonly offset: number
  readonly files: Readonly<Record<string, readonly EventFile[]>>
  readonly threads: number
  /** Rules by hand that held when the run began. */
  readonly hand?: readonly HandRule[]
  /** Rows that are scored at once; as many as memory allows unless given. */
  readonly rowsOfPart?: number
  /** Folder for what the process writes; what stands there of the same job is gone on with. */
  readonly folder: string
}

/** How the values of a column are spread over the bins of the training rows. */
export interface DriftFigure {
  readonly name: string
  /** Population stability index against the training rows; absent without rows. */
  readonly psi?: number
  /** Share of missing values, here and in training. */
  readonly missing: number
  readonly missingInTraining: number
}

export interface ScoreFigures {
  readonly min: number
  readonly mean: number
  readonly max: number
  /** Of a model of several classes their names: the counts are of the rows that each was the likeliest in. */
  readonly classes?: readonly string[]
  /** Counts of the scores over equal bins of [min, max] of the reference, with its edges. */
  readonly edges: readonly number[]
  readonly counts: readonly number[]
  /** Against the scores of the rows that the model was tested on. */
  readonly psi?: number
}

/** What became of a run; received = scored + rejected. */
export interface BatchReport {
  readonly received: number
  readonly scored: number
  readonly rejected: number
  /** Rows rejected by code. */
  readonly reasons: Readonly<Record<string, number>>
  readonly parts: number
  readonly published: boolean
  /** Path of the output that was held back, of the destination in words otherwise. */
  readonly output: string
  /** Of the files that were read, or of the rows where they came from elsewhere; and of the output's file. */
  readonly inputDigest: Digest
  readonly outputDigest: Digest
  /** Rows by decision. */
  readonly decisions: Readonly<Record<string, number>>
  /** Absent where nothing was scored. */
  readonly score?: ScoreFigures
  /** Inputs of the model, most drifted first. */
  readonly drift: readonly DriftFigure[]
  readonly quality?: QualityReport
  /** Path of the rejected rows, one JSON object a line; absent without any. */
  readonly rejects?: string
  /** Of the last turn, where a run was taken up again. */
  readonly seconds: number
  readonly rowsPerSecond: number
  readonly cut: { readonly at: number; readonly offset: number }
}

/** Messages from a scoring process. */
export type BatchMessage =
  | { readonly kind: 'progress'; readonly sentence: string; readonly done: number }
  | { readonly kind: 'result'; readonly result: BatchReport }
