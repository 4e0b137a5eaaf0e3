import { TruelineError } from '../../../core/errors.ts'
import { planVector } from '../../../data/features/vector.ts'
import type { Dataset } from '../dataset.ts'
import { fitTarget } from '../fit-target.ts'
import type { KeptDataset } from '../pipeline/dataset-steps.ts'
import type { StepRunner } from '../pipeline/step-runner.ts'
import type { TrainingJob } from '../training-job.ts'
import { checkLeaks } from './check-leaks.ts'
import type { LeakFindingOfRows, LeakReportOfRows } from './leak-finding.ts'
import type { TargetEncoding } from './leak-rows.ts'
import { withAsked } from './read-asked.ts'

/** Searches the rows of a job for leaks, or takes the report that is kept. */
export async function leakStep(job: TrainingJob, runner: StepRunner, dataset: KeptDataset): Promise<LeakReportOfRows> {
  const { quality, task, label, at } = job.project.models[job.model]!
  const { content, bounds, files } = dataset.manifest
  const output = await runner.run({
    name: 'leaks',
    of: { content, bounds, files, rules: quality?.leaks, task, label, at, cut: job.cut, variant: job.variant },
    work: async () => ({ figures: await searchLeaks(job, await dataset.rows()) }),
  })
  const report = output.figures as LeakReportOfRows
  for (const { severity, sentence } of report.findings) runner.log('leaks', `${severity}: ${sentence}`)
  return report
}

/**
 * Searches the rows of a dataset, with all that is known of where they come from.
 * @param dataset of the job
 */
export async function searchLeaks(job: TrainingJob, dataset: Dataset): Promise<LeakReportOfRows> {
  const { project, variant } = job
  const model = project.models[job.model]!
  const plan = planVector(model, project, variant)
  const { parts } = dataset.manifest
  return await withAsked(job, dataset.places, async ({ asked, idsOf }) => {
    const report = checkLeaks(model, project, {
      ...{ task: model.task, inputs: plan.inputs, groups: plan.groups, tables: plan.tables },
      ...{ columns: dataset.columns, labels: dataset.labels, times: dataset.times },
      ...{ train: parts.train, test: parts.train + parts.validate, asked },
      encodings: targetEncodings(job, dataset),
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
  const others = failed.length === 1 ? '' : ` ${failed.length - 1} more was found.`
  const rows = worst.ids.length === 0 ? '' : ` See the rows ${worst.ids.slice(0, 3).join(', ')}.`
  throw new TruelineError('leak_found', `${worst.sentence}${rows}${others}`, {
    path: worst.input ?? worst.code,
    remedy: worst.remedy,
  })
}

function targetEncodings({ project, model, variant }: TrainingJob, dataset: Dataset): TargetEncoding[] {
  const { columns } = planVector(project.models[model]!, project, variant)
  const train = dataset.manifest.parts.train
  return columns.flatMap(({ input, encoding }): TargetEncoding[] => {
    if (encoding?.kind !== 'target') return []
    const { smoothing } = encoding
    const { inTime } = fitTarget(smoothing, dataset.columns[input]!.subarray(0, train), dataset)
    return [{ input, smoothing, values: inTime, outcomesCount: dataset.outcomesCount }]
  })
}
