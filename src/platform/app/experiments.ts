import { TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { compareRuns, type Difference } from '../../models/experiments/compare-runs.ts'
import { knownKeys, summarizeExperiments } from '../../models/experiments/experiment-summary.ts'
import { type Experiment, findExperimentByName, readExperiment } from '../../models/experiments/experiments.ts'
import { type FilterEntity, runSpace } from '../../models/experiments/filter/filter-space.ts'
import { parseKeys } from '../../models/experiments/filter/parse-filter.ts'
import { sampledHistory } from '../../models/experiments/sampled-history.ts'
import { searchExperiments } from '../../models/experiments/search/search-experiments.ts'
import { searchRuns } from '../../models/experiments/search/search-runs.ts'
import { findCalledRun, loadTrackedRuns, type TrackedRun } from '../../models/experiments/tracked-run.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type {
  ComparisonAnswer,
  DifferenceAnswer,
  ExperimentAnswer,
  ExperimentDetail,
  ExperimentPage,
  MetricHistories,
  MetricValue,
  RunAnswer,
  RunDetail,
  RunPage,
} from '../api/experiment-answers.ts'
import type { ExperimentQuery, RunQuery } from '../api/experiment-desk.ts'

const USUAL_LIMIT = 100
/** Experiments among which the nearest name is looked for. */
const MOST_NAMED = 1000
const MOST_COLUMNS = 100
/** A chart of more lines says nothing. */
const MOST_HISTORIES = 20
const MOST_COMPARED = 50
/** What a table shows before anybody chose: so many of each kind. */
const USUAL_COLUMNS = 4
/** As many as a person chooses from. */
const MOST_KEYS = 2000

/** What is asked of experiments and their runs, each answered from the metadata alone. */
export const experimentQuestions = {
  experiments: pageExperiments,
  experiment: describeExperiment,
  runs: pageRuns,
  run: describeRun,
  compare: compareCalled,
  histories: readHistories,
}

async function pageExperiments(
  metadata: Metadata,
  { filter, order_by, view, limit = USUAL_LIMIT, cursor }: ExperimentQuery,
): Promise<ExperimentPage> {
  const search = { filter, orderBy: order_by, view, maxResults: limit, pageToken: cursor }
  const { items, next } = await searchExperiments(metadata, search)
  return { experiments: await describeExperiments(metadata, items), next }
}

async function compareCalled(metadata: Metadata, called: readonly string[]): Promise<ComparisonAnswer> {
  requireCount(called, 2, MOST_COMPARED, 'runs are compared')
  const { runs, params, metrics, tags, data, features, equal } = await compareRuns(metadata, called)
  return { runs: runs.map(runAnswer), params, metrics: metrics.map(metricDifference), tags, data, features, equal }
}

async function describeExperiments(
  metadata: Metadata,
  experiments: readonly Experiment[],
): Promise<readonly ExperimentAnswer[]> {
  const ids = experiments.map(({ id }) => Number(id))
  const summaries = await summarizeExperiments(metadata, ids)
  return experiments.map((experiment) => {
    const { runs, lastStartedMs } = summaries.get(Number(experiment.id))!
    return {
      id: experiment.id,
      name: experiment.name,
      lifecycle: experiment.lifecycle,
      artifactLocation: experiment.artifactLocation,
      createdAt: experiment.createdMs * 1000,
      updatedAt: experiment.updatedMs * 1000,
      tags: experiment.tags,
      runs,
      ...(lastStartedMs === null ? {} : { lastRunAt: lastStartedMs * 1000 }),
    }
  })
}

async function describeExperiment(metadata: Metadata, called: string): Promise<ExperimentDetail> {
  const experiment = await findExperiment(metadata, called)
  const [answer] = await describeExperiments(metadata, [experiment])
  return { ...answer!, columns: await knownKeys(metadata, Number(experiment.id), MOST_KEYS) }
}

/** By its name, or else its id: a name may be a number too. */
async function findExperiment(metadata: Metadata, called: string): Promise<Experiment> {
  const named = await findExperimentByName(metadata, called)
  if (named !== undefined) return named
  if (/^\d{1,15}$/.test(called)) return await readExperiment(metadata, called)
  const { items } = await searchExperiments(metadata, { maxResults: MOST_NAMED })
  const names = items.map(({ name }) => name)
  throw unknownName('unknown_experiment', 'experiment', called, names)
}

async function pageRuns(metadata: Metadata, query: RunQuery): Promise<RunPage> {
  const { experiment, filter, order_by, view, limit = USUAL_LIMIT, cursor } = query
  const chosen = experiment === undefined ? undefined : (await findExperiment(metadata, experiment)).id
  const asked = parseKeys(query.columns, runSpace)
  requireCount(asked, 0, MOST_COLUMNS, 'columns are shown')
  if (asked.some(({ entity }) => entity === 'attribute' || entity === 'dataset'))
    throw new TruelineError('invalid_arguments', 'A column is one of metrics, params or tags.', { path: 'columns' })
  const columns = asked.length > 0 || chosen === undefined ? asked : await usualColumns(metadata, chosen)
  const of = (entity: FilterEntity) => columns.filter((column) => column.entity === entity).map(({ key }) => key)
  const experiments = chosen === undefined ? undefined : [chosen]
  const search = { experiments, filter, orderBy: order_by, view, maxResults: limit, pageToken: cursor }
  const keys = { params: of('parameter'), metrics: of('metric'), tags: of('tag') }
  const { items, next } = await searchRuns(metadata, { ...search, keys })
  return {
    columns: columns.map(({ entity, key }) => `${prefixes[entity]}.${quotedKey(key)}`),
    runs: items.map((item) => ({
      ...runAnswer(item),
      values: columns.map(({ entity, key }) => valueIn(item, entity, key)),
    })),
    next,
  }
}

const prefixes: Readonly<Record<FilterEntity, string>> = {
  ...{ attribute: 'attributes', metric: 'metrics', parameter: 'params', tag: 'tags', dataset: 'datasets' },
}

function quotedKey(key: string): string {
  return /^[\p{L}\p{N}_.]+$/u.test(key) ? key : `\`${key}\``
}

async function usualColumns(metadata: Metadata, experiment: string) {
  const known = await knownKeys(metadata, Number(experiment), USUAL_COLUMNS)
  return [
    ...known.metrics.map((key) => ({ entity: 'metric', key }) as const),
    ...known.params.map((key) => ({ entity: 'parameter', key }) as const),
  ]
}

function valueIn(run: TrackedRun, entity: FilterEntity, wanted: string): MetricValue | string | null {
  const metric = entity === 'metric' ? run.metrics.find(({ key }) => key === wanted) : undefined
  if (metric !== undefined) return inWords(metric.value)
  const said = entity === 'parameter' ? run.params : entity === 'tag' ? run.tags : []
  return said.find(({ key }) => key === wanted)?.value ?? null
}

async function describeRun(metadata: Metadata, called: string): Promise<RunDetail> {
  const { number } = await findCalledRun(metadata.database, called)
  const run = (await loadTrackedRuns(metadata.database, [number]))[0]!
  return {
    ...runAnswer(run),
    experimentName: (await readExperiment(metadata, run.experiment)).name,
    artifactUri: run.artifactUri,
    params: run.params,
    metrics: run.metrics.map(({ key, value, step, timestampMs }) => ({
      ...{ key, value: inWords(value), step, at: timestampMs * 1000 },
    })),
    tags: run.tags,
    datasets: run.datasets.map(({ name, digest, sourceType, tags }) => {
      const context = tags.find(({ key }) => key === 'mlflow.data.context')?.value
      return { name, digest, sourceType, ...(context === undefined ? {} : { context }) }
    }),
    modelInputs: run.modelInputs,
    modelOutputs: run.modelOutputs,
  }
}

async function readHistories(
  metadata: Metadata,
  called: readonly string[],
  key: string,
  places: number,
): Promise<MetricHistories> {
  requireCount(called, 1, MOST_HISTORIES, 'histories are read at once')
  const histories: MetricHistories['histories'][number][] = []
  for (const one of called) {
    const { id, name, number } = await findCalledRun(metadata.database, one)
    const { points, whole } = await sampledHistory(metadata, number, key, places)
    histories.push({
      run: id,
      name,
      whole,
      points: points.map(({ step, timestampMs, value, least, most }) => ({
        ...{ step, at: timestampMs * 1000, value: inWords(value), least: inWords(least), most: inWords(most) },
      })),
    })
  }
  return { key, histories }
}

function runAnswer(run: TrackedRun): RunAnswer {
  return {
    id: run.id,
    experiment: run.experiment,
    name: run.name,
    status: run.status,
    user: run.user,
    startedAt: run.startedMs * 1000,
    ...(run.endedMs === null ? {} : { endedAt: run.endedMs * 1000 }),
    lifecycle: run.lifecycle,
    ...(run.training === null ? {} : { training: run.training }),
  }
}

function metricDifference({ key, values }: Difference<number>): DifferenceAnswer<MetricValue> {
  return { key, values: values.map((value) => (value === null ? null : inWords(value))) }
}

function inWords(value: number): MetricValue {
  return Number.isFinite(value) ? value : (String(value) as MetricValue)
}

function requireCount(items: readonly unknown[], least: number, most: number, what: string): void {
  if (items.length >= least && items.length <= most) return
  const message = `From ${least} to ${most} ${what}, not ${items.length}.`
  throw new TruelineError('invalid_arguments', message)
}
