import { canonicalJson } from '../../../core/canonical.ts'
import { SECOND } from '../../../core/time.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import type { PipelineStepRow } from '../../../stores/metadata/pipeline-tables.ts'
import { runNumber } from '../../registry/runs.ts'
import type { StepEvent } from './step-event.ts'
import type { StepName } from './step-names.ts'

/** Longest that an event waits to be written, real milliseconds: what is done soon after one another is one commit. */
const PATIENCE_MS = 200
/** Shortest time between two lines about the progress of a step. */
const BETWEEN_PROGRESS = 2 * SECOND
/** Most lines of a run, and of characters of a line: a program that says too much fills no database. */
const MOST_LINES = 20_000
const MOST_CHARACTERS = 4000

/** Writes down how the steps of a run go. */
export interface StepRecorder {
  take(event: StepEvent): void
  /** A step that gives nothing to keep, because there was nothing to do. */
  skip(step: StepName, why: string): void
  /** A sentence about what is being done; the step is the one that was begun last. */
  progress(sentence: string): void
  /** What is being done, and since when, in microseconds; undefined before the first step. */
  current(): { readonly step: StepName; readonly sentence: string } | undefined
  /** Steps whose output was taken, with the runs that made them. */
  taken(): Readonly<Partial<Record<StepName, string>>>
  /** Ends the step that was begun last as failed. */
  fail(sentence: string): void
  /**
   * Writes all that was taken.
   * @throws TruelineError the first reason for which something could not be written
   */
  flush(): Promise<void>
}

/** Records the steps of a run. */
export function createStepRecorder({ database, clock }: Metadata, run: string): StepRecorder {
  const number = runNumber(run)
  const steps = new Map<StepName, PipelineStepRow>()
  let changed = new Set<StepName>()
  let lines: { run: number; at: number; step: StepName; text: string }[] = []
  let count = 0
  let now: { step: StepName; sentence: string; told: number } | undefined
  let waiting: ReturnType<typeof setTimeout> | undefined
  let writing: Promise<void> = Promise.resolve()

  function log(step: StepName, text: string): void {
    count += 1
    if (count > MOST_LINES) return
    const isLast = count === MOST_LINES
    lines.push({
      ...{ run: number, at: clock.now(), step },
      text: isLast ? `No more lines are kept than ${MOST_LINES}.` : text.slice(0, MOST_CHARACTERS),
    })
    soon()
  }

  function soon(): void {
    waiting ??= setTimeout(() => void write().catch(() => undefined), PATIENCE_MS)
  }

  /** One write after the other; what failed is thrown by the flush. */
  function write(): Promise<void> {
    clearTimeout(waiting)
    waiting = undefined
    writing = writing.then(async () => {
      const [rows, texts] = [[...changed].map((step) => steps.get(step)!), lines]
      changed = new Set()
      lines = []
      if (rows.length + texts.length === 0) return
      await database.transaction().execute(async (transaction) => {
        for (const row of rows)
          await transaction
            .insertInto('pipeline_steps')
            .values(row)
            .onConflict((conflict) => conflict.columns(['run', 'step']).doUpdateSet(row))
            .execute()
        if (texts.length > 0) await transaction.insertInto('pipeline_log').values(texts).execute()
      })
    })
    return writing
  }

  function set(step: StepName, row: Partial<PipelineStepRow>): void {
    const empty = { key: null, files: '{}', from_run: null, from_at: null, finished_at: null }
    const known = steps.get(step) ?? { run: number, step, status: 'running', started_at: clock.now(), ...empty }
    steps.set(step, { ...known, ...row })
    changed.add(step)
    soon()
  }

  return {
    take(event) {
      const { step } = event
      if (event.kind === 'log') return log(step, event.text)
      if (event.kind === 'begun') {
        steps.delete(step)
        now = { step, sentence: '', told: Number.NEGATIVE_INFINITY }
        return set(step, { key: event.key ?? null })
      }
      const { from, files } = event
      const origin = from === undefined ? {} : { from_run: from.run, from_at: from.at }
      const status = from === undefined ? 'done' : 'cached'
      set(step, { status, files: canonicalJson(files), finished_at: clock.now(), ...origin })
      log(step, from === undefined ? 'done' : `cached: made by ${from.run}`)
    },
    skip(step, why) {
      set(step, { status: 'skipped', finished_at: clock.now() })
      log(step, why)
    },
    progress(sentence) {
      if (now === undefined) return
      now.sentence = sentence
      if (clock.now() - now.told < BETWEEN_PROGRESS) return
      now.told = clock.now()
      log(now.step, sentence)
    },
    current: () => now,
    taken: () =>
      Object.fromEntries(
        [...steps.values()].flatMap((row) => (row.from_run === null ? [] : [[row.step, row.from_run]])),
      ),
    fail(sentence) {
      if (now === undefined) return
      if (steps.get(now.step)?.status === 'running') set(now.step, { status: 'failed', finished_at: clock.now() })
      log(now.step, sentence)
    },
    flush: write,
  }
}
