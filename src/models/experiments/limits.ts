import { posix } from 'node:path'
import { TruelineError } from '../../core/errors.ts'

/** Most of each kind that one call to log many things takes, as the tracking protocol has it. */
export const mostInBatch = { metrics: 1000, params: 100, tags: 100, all: 1000 } as const

const LONGEST_KEY = 250
const LONGEST_EXPERIMENT_NAME = 500
const LONGEST_EXPERIMENT_TAG = 20_000
const LONGEST_PARAM = 6000
/** Characters of a tag's value. */
export const LONGEST_TAG = 8000
const LONGEST_DATASET_NAME = 500
const LONGEST_DATASET_DIGEST = 36
const LONGEST_DATASET_SOURCE = 65_535
const LONGEST_DATASET_SCHEMA = 1_048_575
const LONGEST_DATASET_PROFILE = 16_777_215
const KEY = /^[/\p{L}\p{N}_.\- :]+$/u

/** A mistake in what was given, with where it is. */
export function invalid(path: string, message: string): TruelineError {
  return new TruelineError('invalid_parameter', message, { path })
}

/**
 * Requires the key of a parameter, metric or tag to be one: letters, digits and `_ - . : / ` and spaces, at most 250
 * characters, and no path that leads elsewhere, as keys may become names of files.
 * @param path where it stands in what was given
 * @throws TruelineError `invalid_parameter`
 */
export function checkKey(key: string, path: string): void {
  if (!KEY.test(key))
    throw invalid(
      path,
      `Invalid value ${JSON.stringify(key)} for parameter '${path}' supplied: a name holds letters, digits, underscores (_), dashes (-), periods (.), spaces ( ), colons (:) and slashes (/), and is not empty.`,
    )
  const plain = posix.normalize(key)
  if (plain !== key || plain === '.' || plain.startsWith('..') || plain.startsWith('/') || plain.endsWith('/'))
    throw invalid(
      path,
      `Invalid value ${JSON.stringify(key)} for parameter '${path}' supplied: as the name of a file it would lead to '${plain}'.`,
    )
  checkLength(key, LONGEST_KEY, path)
}

/** A parameter's value; what is longer than 6,000 characters is cut, as the protocol's own server does. */
export function paramValue(value: string): string {
  return cut(value, LONGEST_PARAM)
}

/** A tag's value; what is longer than 8,000 characters is cut. */
export function tagValue(value: string): string {
  return cut(value, LONGEST_TAG)
}

/**
 * Requires the name of an experiment to have 1 to 500 characters.
 * @throws TruelineError `invalid_parameter`
 */
export function checkExperimentName(name: string): void {
  if (name.trim() === '') throw invalid('name', `Invalid experiment name: '${name}'`)
  checkLength(name, LONGEST_EXPERIMENT_NAME, 'name')
}

/**
 * Requires a tag of an experiment to have a key as others, and a value of at most 20,000 characters.
 * @throws TruelineError `invalid_parameter`
 */
export function checkExperimentTag(key: string, value: string): void {
  checkKey(key, 'key')
  checkLength(value, LONGEST_EXPERIMENT_TAG, 'value')
}

/**
 * Requires what is said of a dataset to be no longer than the protocol lets it.
 * @throws TruelineError `invalid_parameter`
 */
export function checkDataset(
  dataset: {
    readonly name: string
    readonly digest: string
    readonly source: string
    readonly schema?: string | undefined
    readonly profile?: string | undefined
  },
  path: string,
): void {
  if (dataset.name === '') throw invalid(`${path}.name`, 'A dataset has a name.')
  if (dataset.digest === '') throw invalid(`${path}.digest`, 'A dataset has a digest.')
  checkLength(dataset.name, LONGEST_DATASET_NAME, `${path}.name`)
  checkLength(dataset.digest, LONGEST_DATASET_DIGEST, `${path}.digest`)
  checkLength(dataset.source, LONGEST_DATASET_SOURCE, `${path}.source`)
  checkLength(dataset.schema ?? '', LONGEST_DATASET_SCHEMA, `${path}.schema`)
  checkLength(dataset.profile ?? '', LONGEST_DATASET_PROFILE, `${path}.profile`)
}

/**
 * Requires a whole number that a double holds exactly: a step, or a time in milliseconds.
 * @throws TruelineError `invalid_parameter`
 */
export function checkWhole(value: number, path: string): void {
  if (!Number.isSafeInteger(value))
    throw invalid(path, `Invalid value ${value} for parameter '${path}' supplied: it is a whole number below 2^53.`)
}

/**
 * Requires a text to have at most so many characters (code points).
 * @throws TruelineError `invalid_parameter`
 */
export function checkLength(text: string, most: number, path: string): void {
  if (text.length > most && [...text].length > most)
    throw invalid(path, `'${path}' exceeds the maximum length of ${most} characters.`)
}

/**
 * The most of a page, checked.
 * @throws TruelineError `invalid_parameter` outside 1 to `most`
 */
export function checkMaxResults(asked: number | undefined, usual: number, most: number): number {
  const results = asked ?? usual
  if (Number.isSafeInteger(results) && results >= 1 && results <= most) return results
  throw invalid(
    'max_results',
    `Invalid value ${results} for parameter 'max_results' supplied: it is a whole number from 1 to ${most}.`,
  )
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const characters = [...text]
  return characters.length <= most ? text : characters.slice(0, most).join('')
}
