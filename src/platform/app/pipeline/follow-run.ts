import { setTimeout } from 'node:timers/promises'
import { type Run, readRun } from '../../../models/registry/runs.ts'
import { readLog, readSteps } from '../../../models/training/pipeline/run-store.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import type { RunLogAnswer, RunStateAnswer, RunStepAnswer, RunStepsAnswer } from '../../api/run-answers.ts'
import type { TrainingDesk } from './training-desk.ts'

/** Between two looks for more lines, real milliseconds. */
const LOOK_EVERY_MS = 100

export function stateOfRun({ id, model, status, error }: Run): RunStateAnswer {
  return { run: id, model, status, ...(error === null ? {} : { error }) }
}

/**
 * The steps of a training.
 * @throws TruelineError `unknown_run`
 */
export async function runSteps(
  { metadata }: { readonly metadata: Metadata },
  { progress }: Pick<TrainingDesk, 'progress'>,
  run: string,
): Promise<RunStepsAnswer> {
  const state = stateOfRun(await readRun(metadata, run))
  const now = progress(run)
  const isCancelled = state.error?.code === 'run_cancelled'
  const steps = (await readSteps(metadata, run)).map((step): RunStepAnswer => {
    const isOpen = step.status === 'failed' || step.status === 'running'
    return isCancelled && isOpen ? { ...step, status: 'cancelled' } : step
  })
  return { ...state, steps, ...(now === undefined ? {} : { progress: now }) }
}

/** A page of a training's log. */
export interface RunLogQuery {
  readonly run: string
  /** Only lines after this number. */
  readonly after?: number | undefined
  readonly limit?: number | undefined
  /** Real seconds to wait for the first line of a run that goes on. */
  readonly wait?: number | undefined
}

/**
 * Lines of a training's log; waits for the first one when told to.
 * @throws TruelineError `unknown_run`
 */
export async function runLog(
  { metadata, signal }: { readonly metadata: Metadata; readonly signal: AbortSignal },
  desk: Pick<TrainingDesk, 'isGoing'>,
  { run, after = 0, limit = 1000, wait = 0 }: RunLogQuery,
): Promise<RunLogAnswer> {
  for (let looks = Math.ceil((wait * 1000) / LOOK_EVERY_MS); ; looks -= 1) {
    // Before the lines: of a run that had ended by then, all of them are there.
    const isGoing = desk.isGoing(run)
    const state = stateOfRun(await readRun(metadata, run))
    const lines = await readLog(metadata, run, { after, limit })
    if (lines.length > 0 || looks <= 0 || !isGoing || signal.aborted)
      return { ...state, lines, next: lines.at(-1)?.number ?? after, isGoing }
    await setTimeout(LOOK_EVERY_MS)
  }
}
