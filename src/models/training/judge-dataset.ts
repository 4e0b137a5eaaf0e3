import type { Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import type { CheckContext } from '../../data/quality/check.ts'
import { columnsNamed, type QualityReport, startQuality } from '../../data/quality/quality-run.ts'
import { renameColumns } from '../../data/quality/rename-columns.ts'
import type { CheckDefinition } from '../../language/define/check-definition.ts'
import type { EventColumn } from '../../stores/log/event-batch.ts'
import type { Dataset } from './dataset.ts'
import type { TrainingJob } from './training-job.ts'

/** A judgement on rows that a model would learn from, or serve by. */
export interface DatasetJudgement {
  readonly scope: 'features' | 'training' | 'serving'
  /** `features/NAME` or `model/NAME`. */
  readonly subject: string
  readonly report: QualityReport
}

/**
 * Judges a training set: what each group of features promises of its values, what the model demands of its training rows,
 * and what it demands of the newest ones before it serves. Only what has checks is judged.
 * @param newest the first of the newest rows: those that the model is tested on
 */
export function judgeDataset(job: TrainingJob, dataset: Dataset, newest: number): DatasetJudgement[] {
  const { project, model } = job
  const { quality = { training: [], serving: [] } } = project.models[model]!
  const rows = dataset.times.length
  const judgements: DatasetJudgement[] = []
  const judge = (
    scope: DatasetJudgement['scope'],
    subject: string,
    checks: readonly CheckDefinition[],
    from: number,
  ) => {
    if (checks.length > 0) judgements.push({ scope, subject, report: judgeRows(checks, job, dataset, from, rows) })
  }
  const names = new Set(dataset.inputs.map(({ name }) => name))
  // The baseline without windows reads fewer columns, and is judged by the checks of those.
  const isRead = (check: CheckDefinition): boolean => columnsNamed(check).every((column) => names.has(column))
  for (const given of project.models[model]!.features) {
    const input = given.kind === 'encoded' ? given.input : given
    if (input.kind !== 'features') continue
    const checks = project.features[input.name]!.expect.map((check) =>
      renameColumns(check, (column) => `${input.name}.${column}`),
    )
    judge('features', `features/${input.name}`, checks.filter(isRead), 0)
  }
  judge('training', `model/${model}`, quality.training.filter(isRead), 0)
  judge('serving', `model/${model}`, quality.serving.filter(isRead), newest)
  return judgements
}

/** @throws TruelineError `quality_gate_failed` when rows that would be learnt from breach their checks */
export function refuseBadRows(judgements: readonly DatasetJudgement[]): void {
  const failed = judgements.find(({ scope, report }) => scope !== 'serving' && report.verdict === 'fail')
  if (failed === undefined) return
  const breaches = failed.report.results.filter(({ verdict }) => verdict === 'fail')
  const others = breaches.length === 1 ? '' : ` ${breaches.length - 1} more of its checks failed.`
  throw new TruelineError('quality_gate_failed', `${failed.subject}: ${breaches[0]!.sentence}${others}`, {
    path: failed.subject,
  })
}

function judgeRows(
  checks: readonly CheckDefinition[],
  { cut }: TrainingJob,
  { inputs, columns, textOf }: Dataset,
  from: number,
  to: number,
): QualityReport {
  const schema: Schema = Object.fromEntries(
    inputs.map(({ name, type, scale }) => [name, { type, nullable: true, ...(scale === undefined ? {} : { scale }) }]),
  )
  const context: CheckContext = { schema, now: cut, references: new Map() }
  const run = startQuality(checks, context)
  const read = new Set(checks.flatMap((check) => columnsNamed(check)))
  const parts = inputs.map(({ name, type }, index): EventColumn => {
    const values = columns[index]!.subarray(from, to)
    if (type !== 'string') return values
    return read.has(name) ? Array.from(values, (code) => textOf(code) ?? null) : []
  })
  run.take({ length: to - from, columns: parts })
  return run.finish()
}
