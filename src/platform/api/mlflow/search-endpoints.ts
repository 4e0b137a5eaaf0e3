import { type ExperimentSearch, searchExperiments } from '../../../models/experiments/search/search-experiments.ts'
import { type DatasetChoice, searchLoggedModels } from '../../../models/experiments/search/search-logged-models.ts'
import { type Found, searchRuns, type View } from '../../../models/experiments/search/search-runs.ts'
import { type RegistrySearch, searchRegisteredModels, searchVersions } from '../../../models/registry/search.ts'
import type { SearchEndpoint } from './endpoint.ts'
import { type Fields, objects, pageSize, requiredText, text, texts, word } from './fields.ts'
import { loggedModelAnswer } from './logged-model-answers.ts'
import { registeredModelAnswer, versionAnswer } from './registry-answers.ts'
import { experimentAnswer, runAnswer } from './run-answers.ts'

const views = ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'] as const
const meaning: Readonly<Record<(typeof views)[number], View>> = {
  ACTIVE_ONLY: 'active',
  DELETED_ONLY: 'deleted',
  ALL: 'all',
}
/** The most runs or experiments that a page may have, and how many it usually has. */
const MOST_RESULTS = 50_000
const USUAL_RESULTS = 1000
const MOST_MODELS = 1000
const USUAL_MODELS = 50
const MOST_NAMES = 1000
const USUAL_NAMES = 100
const MOST_VERSIONS = 200_000
const USUAL_VERSIONS = 10_000

/** Searches, each answered a page at a time. */
export const searchEndpoints: readonly SearchEndpoint[] = [
  ...(['GET', 'POST'] as const).map(
    (method): SearchEndpoint => ({
      reads: true,
      method,
      path: '/experiments/search',
      async run({ host, fields, inQuery }) {
        const found = await searchExperiments(host.metadata, searchOf(fields, 'view_type', inQuery))
        return page('experiments', found, experimentAnswer)
      },
    }),
  ),
  {
    reads: true,
    method: 'POST',
    path: '/runs/search',
    async run({ host, fields }) {
      const asked = { ...searchOf(fields, 'run_view_type', false), experiments: texts(fields, 'experiment_ids') }
      return page('runs', await searchRuns(host.metadata, asked), runAnswer)
    },
  },
  {
    reads: true,
    method: 'POST',
    path: '/logged-models/search',
    async run({ host, fields }) {
      const found = await searchLoggedModels(host.metadata, {
        experiments: texts(fields, 'experiment_ids'),
        filter: text(fields, 'filter'),
        datasets: objects(fields, 'datasets').map((dataset, index) => datasetOf(dataset, `datasets[${index}].`)),
        orderBy: objects(fields, 'order_by').map((order, index) => ({
          field: requiredText(order, 'field_name', `order_by[${index}].field_name`),
          ascending: order['ascending'] !== false,
          dataset: order['dataset_name'] ? datasetOf(order, `order_by[${index}].`) : undefined,
        })),
        maxResults: pageSize(fields, USUAL_MODELS, MOST_MODELS),
        pageToken: text(fields, 'page_token') || undefined,
      })
      return page('models', found, loggedModelAnswer)
    },
  },
  {
    reads: true,
    method: 'GET',
    path: '/registered-models/search',
    async run({ host, fields, inQuery }) {
      const { items, next } = await searchRegisteredModels(
        host.metadata,
        registrySearchOf(fields, inQuery, USUAL_NAMES, MOST_NAMES),
      )
      const answers = await Promise.all(items.map((model) => registeredModelAnswer(host.metadata, model)))
      return page('registered_models', { items: answers, next }, (answer) => answer)
    },
  },
  {
    reads: true,
    method: 'GET',
    path: '/model-versions/search',
    async run({ host, fields, inQuery }) {
      const asked = registrySearchOf(fields, inQuery, USUAL_VERSIONS, MOST_VERSIONS)
      return page('model_versions', await searchVersions(host.metadata, asked), versionAnswer)
    },
  },
]

function registrySearchOf(fields: Fields, inQuery: boolean, usual: number, most: number): RegistrySearch {
  return {
    filter: text(fields, 'filter'),
    orderBy: texts(fields, 'order_by', inQuery),
    maxResults: pageSize(fields, usual, most),
    pageToken: text(fields, 'page_token') || undefined,
  }
}

function searchOf(fields: Fields, view: string, inQuery: boolean): ExperimentSearch {
  return {
    filter: text(fields, 'filter'),
    orderBy: texts(fields, 'order_by', inQuery),
    view: meaning[word(fields, view, views) ?? 'ACTIVE_ONLY'],
    maxResults: pageSize(fields, USUAL_RESULTS, MOST_RESULTS),
    pageToken: text(fields, 'page_token') || undefined,
  }
}

/** @param path what stands before the names of its members */
function datasetOf(fields: Fields, path: string): DatasetChoice {
  return {
    name: text(fields, 'dataset_name', `${path}dataset_name`) ?? '',
    digest: text(fields, 'dataset_digest', `${path}dataset_digest`) || undefined,
  }
}

/** A page as the protocol has it: the last one has no token. */
function page<Item>(name: string, { items, next }: Found<Item>, answer: (item: Item) => object): object {
  return { [name]: items.map(answer), ...(next === null ? {} : { next_page_token: next }) }
}
