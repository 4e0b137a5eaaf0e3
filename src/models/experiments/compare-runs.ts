import type { Metadata } from '../../stores/metadata/metadata.ts'
import { RUN_NAME_TAG } from './log-batch.ts'
import { findCalledRun, loadTrackedRuns, type TrackedRun } from './tracked-run.ts'

/** What runs say under a key, each in its place; null of a run that says nothing. */
export interface Difference<T> {
  readonly key: string
  readonly values: readonly (T | null)[]
}

/** Where runs differ. What is equal in all of them is counted only. */
export interface RunComparison {
  readonly runs: readonly TrackedRun[]
  readonly params: readonly Difference<string>[]
  readonly metrics: readonly Difference<number>[]
  /** Without those that name a run. */
  readonly tags: readonly Difference<string>[]
  /** Digests of the datasets that runs read, by name and what they were used for. */
  readonly data: readonly Difference<string>[]
  /** Digests of the definitions of features, of trainings. */
  readonly features: readonly Difference<string>[]
  readonly equal: Readonly<Record<'params' | 'metrics' | 'tags' | 'data' | 'features', number>>
}

/** What begins the tags of a training that hold digests of features. */
const FEATURE_TAGS = 'trueline.feature.'
/** Tags that are another in every run. */
const naming = new Set([RUN_NAME_TAG, 'trueline.run', 'mlflow.log-model.history'])

/**
 * Compares runs, two or more, in what was given to them and what came out.
 * @param called ids of runs, or what stands for them
 * @throws TruelineError `unknown_run`
 */
export async function compareRuns({ database }: Metadata, called: readonly string[]): Promise<RunComparison> {
  const numbers: number[] = []
  for (const one of called) numbers.push((await findCalledRun(database, one)).number)
  const runs = await loadTrackedRuns(database, numbers)
  const tags = runs.map(({ tags }) => tags.filter(({ key }) => !naming.has(key)))
  const compared = {
    params: differences(runs.map(({ params }) => params)),
    metrics: differences(runs.map(({ metrics }) => metrics)),
    tags: differences(tags.map((own) => own.filter(({ key }) => !key.startsWith(FEATURE_TAGS)))),
    data: differences(runs.map(dataOf)),
    features: differences(
      tags.map((own) =>
        own.flatMap(({ key, value }) =>
          key.startsWith(FEATURE_TAGS) ? [{ key: key.slice(FEATURE_TAGS.length), value }] : [],
        ),
      ),
    ),
  }
  const { params, metrics, data, features } = compared
  return {
    runs,
    ...{ params: params.found, metrics: metrics.found, tags: compared.tags.found },
    ...{ data: data.found, features: features.found },
    equal: {
      ...{ params: params.equal, metrics: metrics.equal, tags: compared.tags.equal },
      ...{ data: data.equal, features: features.equal },
    },
  }
}

function dataOf({ datasets }: TrackedRun): readonly { readonly key: string; readonly value: string }[] {
  return datasets.map(({ name, digest, tags }) => {
    const context = tags.find(({ key }) => key === 'mlflow.data.context')?.value
    return { key: context === undefined ? name : `${name} (${context})`, value: digest }
  })
}

function differences<T>(said: readonly (readonly { readonly key: string; readonly value: T }[])[]): {
  readonly found: readonly Difference<T>[]
  readonly equal: number
} {
  const maps = said.map((one) => new Map(one.map(({ key, value }) => [key, value])))
  const keys = [...new Set(maps.flatMap((map) => [...map.keys()]))].sort()
  const found = keys
    .map((key) => ({ key, values: maps.map((map) => (map.has(key) ? map.get(key)! : null)) }))
    .filter(({ values }) => values.some((value) => !Object.is(value, values[0])))
  return { found, equal: keys.length - found.length }
}
