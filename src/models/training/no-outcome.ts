import { TruelineError } from '../../core/errors.ts'
import type { TrainingJob } from './training-job.ts'

/**
 * The error for rows none of which has an outcome, where that leaves a binary model nothing to learn, or any model no row: it
 * says whether there were events that could have been outcomes.
 */
export function noOutcomeError(
  { project, model, files }: Pick<TrainingJob, 'project' | 'model' | 'files'>,
  rows: number,
): TruelineError {
  const { from, absent } = project.models[model]!.label
  const events = (files[from] ?? []).reduce((sum, file) => sum + file.rows, 0)
  const all = `None of the ${rows} rows has an outcome`
  const why =
    events === 0
      ? `the stream '${from}' of its label has no event.`
      : `no event of '${from}', of ${events}, has the key of a row and lies in its time.`
  const means = absent === 'exclude' ? '' : ` All of them would be learnt as '${String(absent.value)}'.`
  return new TruelineError(absent === 'exclude' ? 'no_training_rows' : 'single_class', `${all}: ${why}${means}`, {
    path: 'label',
    remedy:
      events === 0
        ? `Import the outcomes: trueline ingest ${from} FILE --history; then train ${model} again.`
        : 'Check what the label is joined `on`, and how long `within` is.',
  })
}
