import type { RunStatus } from '../../models/registry/runs.ts'
import type { RunLogLine, RunStep } from '../../models/training/pipeline/run-store.ts'
import type { DatasetManifest } from '../../models/training/training-job.ts'

/** A training, as it stands. Times are microseconds. */
export interface RunStateAnswer {
  readonly run: string
  readonly model: string
  readonly status: RunStatus
  readonly error?: { readonly code: string; readonly message: string }
}

/** A step; the one that a training was in when somebody ended it is `cancelled`. */
export interface RunStepAnswer extends Omit<RunStep, 'status'> {
  readonly status: RunStep['status'] | 'cancelled'
}

/** A training with its steps, in their order. */
export interface RunStepsAnswer extends RunStateAnswer {
  readonly steps: readonly RunStepAnswer[]
  /** What is being done right now, and the share of the run that is done. */
  readonly progress?: { readonly sentence: string; readonly done: number }
}

/** Lines of a training's log, oldest first. */
export interface RunLogAnswer extends RunStateAnswer {
  readonly lines: readonly RunLogLine[]
  /** The number to ask on after. */
  readonly next: number
  /** Whether more may come: one that was broken off is `running`, and goes on at the next start. */
  readonly isGoing: boolean
}

export interface DatasetOptions {
  readonly variant?: 'full' | 'without_windows' | undefined
  /** The rows as of then, microseconds; now unless given. */
  readonly at?: number | undefined
  /** Whether a dataset that is kept is taken; true unless given. */
  readonly cache?: boolean | undefined
  readonly onProgress?: ((sentence: string, done: number) => void) | undefined
}

/** A dataset that was built, or was there. */
export interface DatasetAnswer {
  readonly model: string
  readonly variant: 'full' | 'without_windows'
  readonly manifest: DatasetManifest
  /** Parquet: t, the inputs, the outcome. It may be removed when it was not used for long; the same command makes it again. */
  readonly file: { readonly path: string; readonly digest: string; readonly bytes: number }
  /** Digits after the point of each input that is a decimal: the file has whole units of them. */
  readonly decimals: Readonly<Record<string, number>>
  /** The run, or the command, that made the rows; absent where this one did. */
  readonly cachedFrom?: string
  readonly seconds: number
}
