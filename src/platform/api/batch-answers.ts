import type { BatchJob } from '../../operate/serving/batch/batch-job.ts'
import type { BatchRun } from '../../operate/serving/batch/batch-store.ts'

/** A run that scored a population, with its report. */
export type BatchRunAnswer = BatchRun

/** How a batch stands. Times are microseconds. */
export interface BatchListing {
  readonly name: string
  readonly model: string
  readonly owner?: string
  readonly description?: string
  readonly schedule?: string
  /** When it runs next; absent without a schedule. */
  readonly due?: number
  readonly population: string
  readonly destination: string
  /** The newest one. */
  readonly run?: BatchRunAnswer
}

/** Files that somebody scores by a command: where they come from and go to, in words. Times are microseconds. */
export interface ScoringStart {
  readonly at?: number
  readonly population: string
  readonly destination: string
  /** Id of a run that is taken up again. */
  readonly run?: string
}

/** How such a run ended. */
export interface ScoringEnd {
  readonly report?: unknown
  readonly error?: {
    readonly code: string
    readonly error: string
    readonly path?: string | undefined
    readonly remedy?: string | undefined
  }
}

/** What a command needs to score files of its own: a run of its own, and what the platform scores by. */
export interface ScoringAnswer
  extends Pick<BatchJob, 'version' | 'project' | 'artifacts' | 'at' | 'offset' | 'files' | 'threads'> {
  readonly run: string
}
