import type { TruelineError } from '../../../core/errors.ts'
import { metricHistories, type PointOfRun, sampledPoints } from '../../../models/experiments/metric-histories.ts'
import { metricHistory } from '../../../models/experiments/metric-history.ts'
import { datasetSummaries } from '../../../models/experiments/search/dataset-summaries.ts'
import type { SearchEndpoint } from './endpoint.ts'
import { type Fields, mistake, requiredText, runId, text, texts, whole } from './fields.ts'
import { metricAnswer } from './run-answers.ts'

const MOST_RUNS = 100
const MOST_POINTS = 25_000
const MOST_POINTS_OF_RUN = 2500
const MOST_EXPERIMENTS = 20
const MOST_DATASETS = 1000

/** Histories of metrics, and what scripts and MLflow's page ask of many runs at once. */
export const chartEndpoints: readonly SearchEndpoint[] = [
  {
    reads: true,
    method: 'GET',
    path: '/metrics/get-history',
    async run({ host, fields }) {
      const maxResults = whole(fields, 'max_results')
      if (maxResults !== undefined && maxResults <= 0)
        throw mistake(
          'max_results',
          `Invalid value ${maxResults} for parameter 'max_results' supplied. It must be a positive integer.`,
        )
      const key = requiredText(fields, 'metric_key')
      const asked = { maxResults, pageToken: text(fields, 'page_token') || undefined }
      const { points, next } = await metricHistory(host.metadata, runId(fields), key, asked)
      return { metrics: points.map(metricAnswer), ...(next === null ? {} : { next_page_token: next }) }
    },
  },
  {
    reads: true,
    method: 'GET',
    path: '/metrics/get-history-bulk',
    async run({ host, fields, inQuery }) {
      const runs = texts(fields, 'run_id', inQuery)
      if (runs.length === 0) throw mistake('run_id', 'GetMetricHistoryBulk request must specify at least one run_id.')
      if (runs.length > MOST_RUNS)
        throw mistake(
          'run_id',
          `GetMetricHistoryBulk request cannot specify more than ${MOST_RUNS} run_ids. Received ${runs.length} run_ids.`,
        )
      if (!Object.hasOwn(fields, 'metric_key'))
        throw mistake('metric_key', 'GetMetricHistoryBulk request must specify a metric_key.')
      const key = requiredText(fields, 'metric_key')
      const most = Math.min(pointsWanted(fields, MOST_POINTS), MOST_POINTS)
      return { metrics: (await metricHistories(host.metadata, runs, key, most)).map(pointAnswer) }
    },
  },
  {
    reads: true,
    method: 'GET',
    path: '/metrics/get-history-bulk-interval',
    async run({ host, fields, inQuery }) {
      const runs = texts(fields, 'run_ids', inQuery)
      if (runs.length === 0) throw mistake('run_ids', "Missing value for required parameter 'run_ids'.")
      if (runs.length > MOST_RUNS)
        throw mistake(
          'run_ids',
          `GetMetricHistoryBulkInterval request must specify at most ${MOST_RUNS} run_ids. Received ${runs.length} run_ids.`,
        )
      const key = requiredText(fields, 'metric_key')
      const most = pointsWanted(fields, MOST_POINTS_OF_RUN)
      if (most > MOST_POINTS_OF_RUN) throw outside(MOST_POINTS_OF_RUN)
      const [first, last] = [whole(fields, 'start_step'), whole(fields, 'end_step')]
      if ((first === undefined) !== (last === undefined))
        throw mistake('start_step', 'If either start step or end step are specified, both must be specified.')
      if (first === undefined || last === undefined)
        return { metrics: (await sampledPoints(host.metadata, runs, key, most)).map(pointAnswer) }
      if (first > last)
        throw mistake(
          'end_step',
          `end_step must be greater than start_step. Found start_step=${first} and end_step=${last}.`,
        )
      return { metrics: (await sampledPoints(host.metadata, runs, key, most, [first, last])).map(pointAnswer) }
    },
  },
  {
    reads: true,
    method: 'POST',
    path: '/experiments/search-datasets',
    async run({ host, fields }) {
      const experiments = texts(fields, 'experiment_ids')
      if (experiments.length === 0)
        throw mistake('experiment_ids', 'SearchDatasets request must specify at least one experiment_id.')
      if (experiments.length > MOST_EXPERIMENTS)
        throw mistake(
          'experiment_ids',
          `SearchDatasets request cannot specify more than ${MOST_EXPERIMENTS} experiment_ids. Received ${experiments.length} experiment_ids.`,
        )
      const found = await datasetSummaries(host.metadata, experiments, MOST_DATASETS)
      return {
        dataset_summaries: found.map(({ experiment, name, digest, context }) => ({
          ...{ experiment_id: experiment, name, digest },
          ...(context === null ? {} : { context }),
        })),
      }
    },
  },
]

function pointsWanted(fields: Fields, usual: number): number {
  const most = whole(fields, 'max_results') ?? usual
  if (most < 1) throw outside(usual)
  return most
}

function outside(most: number): TruelineError {
  return mistake('max_results', `max_results must be between 1 and ${most}.`)
}

function pointAnswer(point: PointOfRun): object {
  return { ...metricAnswer(point), run_id: point.run }
}
