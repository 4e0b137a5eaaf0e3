import { TruelineError } from '../../core/errors.ts'
import { formatTime } from '../../core/time.ts'
import { type BatchRun, readBatchRun } from '../../operate/serving/batch/batch-store.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'

/**
 * Says of the id of a row that a batch scored where the row stands: which run, by which version, as of when, and in which output.
 * @param thrown what the log of predictions said of the id
 * @returns `prediction_of_batch` or `unknown_prediction`; `thrown` itself for any other id
 */
export async function explainBatchRow(metadata: Metadata, thrown: unknown): Promise<unknown> {
  if (!(thrown instanceof TruelineError) || thrown.code !== 'prediction_of_batch') return thrown
  const id = thrown.path!
  const [name, row] = id.split('-') as [string, string]
  try {
    return errorOf(id, row, await readBatchRun(metadata, name))
  } catch (unknown) {
    if (!(unknown instanceof TruelineError) || unknown.code !== 'unknown_batch') throw unknown
    return new TruelineError('unknown_prediction', `There is no prediction '${id}': no batch had a run ${name}.`, {
      path: id,
    })
  }
}

function errorOf(id: string, row: string, run: BatchRun): TruelineError {
  const { model, version, at, population } = run
  const { where, remedy } = outputOf(id, run)
  const scored = `row ${row}, counted from 0, of ${population}, for run ${run.id} of ${model} v${version} as of ${formatTime(at)}`
  return new TruelineError('prediction_of_batch', `'${id}' is ${scored}: ${where}.`, {
    path: id,
    ...(remedy === undefined ? {} : { remedy }),
  })
}

/** Where the row's score stands, and how it is found there. */
function outputOf(
  id: string,
  { status, destination, report }: BatchRun,
): { readonly where: string; readonly remedy?: string } {
  const find = (output: string): string =>
    `Look for the row with prediction_id = '${id}' in ${output}; rows that were rejected are named by the run's report.`
  if (status === 'succeeded') return { where: `what it was scored is in ${destination}`, remedy: find(destination) }
  if (status === 'held')
    return { where: `the output was held back, in ${report!.output}`, remedy: find(report!.output) }
  return { where: status === 'running' ? 'the run is still under way' : `the run ${status}, and nothing was published` }
}
