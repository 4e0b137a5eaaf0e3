import { TruelineError } from '../../../core/errors.ts'
import { describeKey } from '../../../core/key.ts'
import { planVector } from '../../../data/features/vector.ts'
import { isOfClass } from '../../../stats/metrics/class-probabilities.ts'
import type { Dataset } from '../dataset.ts'
import { fitTarget } from '../fit-target.ts'
import type { KeptDataset } from '../pipeline/dataset-steps.ts'
import type { StepRunner } from '../pipeline/step-runner.ts'
import { spread } from '../spread.ts'
import type { TrainingJob } from '../training-job.ts'
import { checkLeaks } from './check-leaks.ts'
import type { LeakFindingOfRows, LeakReportOfRows } from './leak-finding.ts'
import type { TargetEncoding } from './leak-rows.ts'
import { withAsked } from './read-asked.ts'

/**
 * Searches the rows of a job for leaks, or takes the report that is kept.
 * @param recomputed how many rows are made again of what was known before their t: each takes about as long as a prediction about the past
 */
export async function leakStep(
  job: TrainingJob,
  runner: StepRunner,
  dataset: KeptDataset,
  recomputed = 0,
): Promise<LeakReportOfRows> {
  const { quality, task, label, at } = job.project.models[job.model]!
  const { features } = dataset.manifest
  const output = await runner.run({
    name: 'leaks',
    of: {
      ...dataset.of,
      data: dataset.data,
      features,
      recomputed,
      rules: quality?.leaks,
      task,
      label,
      at,
      cut: job.cut,
      variant: job.variant,
    },
    work: async () => ({ figures: await searchLeaks(job, await dataset.rows(), recomputed) }),
  })
  const report = output.figures as LeakReportOfRows
  for (const { severity, sentence } of report.findings) runner.log('leaks', `${severity}: ${sentence}`)
  return report
}

/**
 * Searches the rows of a dataset, with all that is known of where they come from.
 * @param dataset of the job
 * @param recomputed how many rows are made again
 */
async function searchLeaks(job: TrainingJob, dataset: Dataset, recomputed: number): Promise<LeakReportOfRows> {
  const { project, variant } = job
  const model = project.models[job.model]!
  const plan = planVector(model, project, variant)
  const { parts } = dataset.manifest
  return await withAsked(job, dataset, async ({ asked, idsOf, recompute }) => {
    const again: { row: number; values: readonly number[] }[] = []
    for (const row of spread(dataset.times.length, recomputed)) again.push({ row, values: await recompute(row) })
    const report = checkLeaks(model, project, {
      ...{ task: model.task, inputs: plan.inputs, groups: plan.groups, tables: plan.tables },
      ...{ columns: dataset.columns, labels: dataset.labels, times: dataset.times },
      ...{ train: parts.train, test: parts.train + parts.validate, asked },
      ...{ encodings: targetEncodings(job, dataset), recomputed: again },
    })
    const findings: LeakFindingOfRows[] = []
    for (const finding of report.findings) findings.push({ ...finding, ids: await idsOf(finding.examples) })
    return { ...report, findings }
  })
}

/** @throws TruelineError `leak_found` when a model would learn from what it could not know */
export function refuseLeaks({ findings }: LeakReportOfRows): void {
  const failed = findings.filter(({ severity }) => severity === 'fail')
  const worst = failed[0]
  if (worst === undefined) return
  const more = failed.length - 1
  const others = more === 0 ? '' : more === 1 ? ' One more was found.' : ` ${more} more were found.`
  const rows = worst.ids.length === 0 ? '' : ` See the rows ${worst.ids.slice(0, 3).map(describeKey).join('; ')}.`
  throw new TruelineError('leak_found', `${worst.sentence}${rows}${others}`, {
    path: worst.input ?? worst.code,
    remedy: worst.remedy,
  })
}

function targetEncodings({ project, model, variant }: TrainingJob, dataset: Dataset): TargetEncoding[] {
  const definition = project.models[model]!
  const { columns } = planVector(definition, project, variant)
  const train = dataset.manifest.parts.train
  const { outcomesCount } = dataset
  const outcomes = definition.label.classes?.map((_, place) => isOfClass(dataset.labels, place)) ?? [dataset.labels]
  return columns.flatMap(({ input, encoding }): TargetEncoding[] => {
    if (encoding?.kind !== 'target') return []
    const { smoothing } = encoding
    return outcomes.map((labels) => {
      const rows = { labels, times: dataset.times, outcomesCount }
      const { inTime } = fitTarget(smoothing, dataset.columns[input]!.subarray(0, train), rows)
      return { input, smoothing, labels, values: inTime, outcomesCount }
    })
  })
}
