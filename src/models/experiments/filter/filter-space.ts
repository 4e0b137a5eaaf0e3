/** What a key of a filter is about. */
export type FilterEntity = 'attribute' | 'metric' | 'parameter' | 'tag' | 'dataset'

export interface FilterAttribute {
  /** What it is called inside; a filter may call it by other names too. */
  readonly key: string
  readonly type: 'text' | 'number'
  /** Whether its values are in capitals: what equals them may be written otherwise. */
  readonly capitals?: true
  /** Whether it may be compared with a list. */
  readonly list?: boolean
  /** False when results may be ordered by it alone. */
  readonly filters?: boolean
  /** False when results may be filtered by it alone. */
  readonly orders?: boolean
}

/** What may be searched by, for one kind of thing: what the tracking protocol says of it. */
export interface FilterSpace {
  /** What is searched, in words. */
  readonly of: string
  /** Names that a filter may write before the dot. */
  readonly entities: Readonly<Record<string, FilterEntity>>
  readonly attributes: Readonly<Record<string, FilterAttribute>>
  /** Of what `IS NULL` may be asked. */
  readonly nullable: readonly FilterEntity[]
  /** Of what else than attributes a list may be compared with. */
  readonly lists: readonly FilterEntity[]
  /** By what else than attributes results may be ordered. */
  readonly orders: readonly FilterEntity[]
}

const text = (key: string): FilterAttribute => ({ key, type: 'text' })
const number = (key: string): FilterAttribute => ({ key, type: 'number' })

const attributeNames = { attribute: 'attribute', attributes: 'attribute', attr: 'attribute' } as const
const tagNames = { tag: 'tag', tags: 'tag' } as const

const runName = text('run_name')
const startTime = number('start_time')

export const runSpace: FilterSpace = {
  of: 'runs',
  entities: {
    ...attributeNames,
    ...tagNames,
    ...{ run: 'attribute', metric: 'metric', metrics: 'metric', dataset: 'dataset', datasets: 'dataset' },
    ...{ parameter: 'parameter', parameters: 'parameter', param: 'parameter', params: 'parameter' },
  },
  attributes: {
    run_id: { ...text('run_id'), list: true },
    run_name: runName,
    ...{ 'run name': runName, 'Run name': runName, 'Run Name': runName },
    user_id: text('user_id'),
    status: { ...text('status'), capitals: true },
    artifact_uri: text('artifact_uri'),
    start_time: startTime,
    ...{ created: startTime, Created: startTime },
    end_time: number('end_time'),
  },
  nullable: ['parameter', 'tag'],
  lists: ['dataset'],
  orders: ['metric', 'parameter', 'tag'],
}

/** What of a dataset a filter of runs may name. */
export const datasetKeys: readonly string[] = ['name', 'digest', 'context']

export const experimentSpace: FilterSpace = {
  of: 'experiments',
  entities: { ...attributeNames, ...tagNames },
  attributes: {
    name: text('name'),
    experiment_id: { ...text('experiment_id'), list: true },
    creation_time: number('creation_time'),
    last_update_time: number('last_update_time'),
  },
  nullable: ['tag'],
  lists: [],
  orders: [],
}

const modelCreated = number('creation_timestamp')
const modelUpdated = number('last_updated_timestamp')

export const loggedModelSpace: FilterSpace = {
  of: 'logged models',
  entities: {
    ...attributeNames,
    ...tagNames,
    ...{ metric: 'metric', metrics: 'metric', param: 'parameter', params: 'parameter' },
  },
  attributes: {
    name: { ...text('name'), list: true },
    model_id: { ...text('model_id'), list: true },
    model_type: { ...text('model_type'), list: true },
    status: { ...text('status'), list: true },
    source_run_id: { ...text('source_run_id'), list: true },
    ...{ creation_time: modelCreated, creation_timestamp: modelCreated, creation_timestamp_ms: modelCreated },
    ...{ last_updated_timestamp: modelUpdated, last_updated_timestamp_ms: modelUpdated },
  },
  nullable: [],
  lists: ['parameter', 'tag'],
  orders: ['metric'],
}

export const registeredModelSpace: FilterSpace = {
  of: 'registered models',
  entities: { ...attributeNames, ...tagNames },
  attributes: {
    name: { ...text('name'), list: true },
    ...{ timestamp: { ...modelUpdated, filters: false }, last_updated_timestamp: { ...modelUpdated, filters: false } },
    creation_timestamp: { ...modelCreated, filters: false },
  },
  nullable: [],
  lists: [],
  orders: [],
}

export const modelVersionSpace: FilterSpace = {
  of: 'model versions',
  entities: { ...attributeNames, ...tagNames },
  attributes: {
    name: { ...text('name'), list: true },
    run_id: { ...text('run_id'), list: true, orders: false },
    source_path: { ...text('source_path'), orders: false },
    version_number: number('version_number'),
    creation_timestamp: { ...modelCreated, filters: false },
    last_updated_timestamp: { ...modelUpdated, filters: false },
  },
  nullable: [],
  lists: [],
  orders: [],
}
