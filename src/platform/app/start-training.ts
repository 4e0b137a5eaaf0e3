import { TruelineError } from '../../core/errors.ts'
import { workerUrl } from '../../core/worker-url.ts'
import type { EvaluatedFiles, StretchEvaluation } from '../../models/training/evaluate-stretch.ts'
import type { DatasetJudgement } from '../../models/training/judge-dataset.ts'
import type { LeakReportOfRows } from '../../models/training/leaks/leak-finding.ts'
import type { StepEvent } from '../../models/training/pipeline/step-event.ts'
import type { DatasetResult, TrainingJob, TrainingMessage, TrainingResult } from '../../models/training/training-job.ts'
import { heapArguments, heapExceeded, type ProcessLimits, watchLimits } from './pipeline/watch-limits.ts'
import { runChild } from './run-child.ts'

export interface TrainingOptions {
  readonly onProgress: (sentence: string, done: number) => void
  /** Told what became of the rows at their checks, also when the training is stopped for it. */
  readonly onJudged: (judgements: readonly DatasetJudgement[]) => void
  readonly onStep: (event: StepEvent) => void
  readonly limits: ProcessLimits
  /** Ends the process; its reason is what the training ends with. */
  readonly signal: AbortSignal
}

/**
 * Trains in a process of its own.
 * @throws TruelineError what the process reported, `training_failed` when it ended without a word, `training_killed` when
 *   something else ended it, `training_time_exceeded`, `training_memory_exceeded`, or the signal's reason
 */
export async function startTraining(job: TrainingJob, options: TrainingOptions): Promise<TrainingResult> {
  return await start<TrainingResult>({ kind: 'train', job }, options)
}

/** Builds a dataset in a process of its own, and nothing more; it throws what `startTraining` does. */
export async function startDataset(job: TrainingJob, options: TrainingOptions): Promise<DatasetResult> {
  return await start<DatasetResult>({ kind: 'dataset', job }, options)
}

/** Searches the rows of a job for leaks in a process of its own; it throws what `startTraining` does. */
export async function startLeakCheck(job: TrainingJob, options: TrainingOptions): Promise<LeakReportOfRows> {
  return await start<LeakReportOfRows>({ kind: 'leaks', job }, options)
}

/** Evaluates a version on the rows of a job in a process of its own; it throws what `startTraining` does. */
export async function startEvaluation(
  job: TrainingJob,
  evaluated: EvaluatedFiles,
  options: TrainingOptions,
): Promise<StretchEvaluation> {
  return await start<StretchEvaluation>({ kind: 'evaluate', job, evaluated }, options)
}

function start<Result>(
  task: object,
  { onProgress, onJudged, onStep, limits, signal }: TrainingOptions,
): Promise<Result> {
  return runChild(workerUrl(import.meta.url, './training-child.ts'), task, {
    ...{ signal, what: 'The training', failure: 'training_failed', execArgv: heapArguments(limits) },
    stopped: () => stopReason(signal),
    killed: (by, words) =>
      heapExceeded(limits, words) ??
      new TruelineError('training_killed', `The training process was ended by ${by}.${said(words)}`),
    watch: (pid, end) => watchLimits(limits, pid, end),
    onMessage(message) {
      const told = message as TrainingMessage
      if (told.kind === 'progress') onProgress(told.sentence, told.done)
      if (told.kind === 'judged') onJudged(told.judgements)
      if (told.kind === 'step') onStep(told.event)
    },
  })
}

/** Why a signal ended a training: because it was cancelled, or because the platform ends. */
export function stopReason(signal: AbortSignal): TruelineError {
  if (signal.reason instanceof TruelineError) return signal.reason
  return new TruelineError('platform_stopped', 'The training was broken off: the platform is shutting down.')
}

function said(words: string): string {
  return words === '' ? '' : ` Its last words: ${words}`
}
