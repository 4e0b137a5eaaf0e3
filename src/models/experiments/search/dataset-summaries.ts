import type { Metadata } from '../../../stores/metadata/metadata.ts'

/** A dataset that runs of an experiment read, once for each thing that they used it for. */
export interface DatasetSummary {
  readonly experiment: string
  readonly name: string
  readonly digest: string
  /** What it was used for, such as `training`; null where that was not said. */
  readonly context: string | null
}

/** The datasets of some experiments, by name. Experiments that are not there have none. */
export async function datasetSummaries(
  { database }: Pick<Metadata, 'database'>,
  experiments: readonly string[],
  most: number,
): Promise<readonly DatasetSummary[]> {
  const rows = await database
    .selectFrom('input_datasets')
    .innerJoin('run_datasets', 'run_datasets.dataset', 'input_datasets.number')
    .select(['input_datasets.experiment', 'input_datasets.name', 'input_datasets.digest', 'run_datasets.context'])
    .distinct()
    .where('input_datasets.experiment', 'in', experiments.map(Number).filter(Number.isSafeInteger))
    .orderBy('input_datasets.name')
    .orderBy('input_datasets.digest')
    .orderBy('run_datasets.context')
    .limit(most)
    .execute()
  return rows.map(({ experiment, ...row }) => ({ ...row, experiment: String(experiment) }))
}
