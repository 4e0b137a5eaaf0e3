import type { Schema } from '../../core/data-type.ts'
import { type Duration, parseDuration } from '../../core/time.ts'
import type { BatchDefinition, DestinationLocation, PopulationLocation, StreamPopulation } from './batch-definition.ts'
import { byName } from './by-name.ts'
import type { CheckDefinition } from './check-definition.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'
import type { ModelDefinition, Prose } from './definitions.ts'
import { proseOf } from './entity.ts'
import { withHidden } from './mentions.ts'
import type { FilesLocation, PostgresLocation, SqliteLocation } from './source-definition.ts'
import type { Stream } from './stream.ts'

interface BatchOptions extends Prose {
  readonly model: ModelDefinition
  /** Files, a table or query of a database, or rows of the model's own stream. */
  readonly population: PopulationLocation
  /** Column of the model's stream -> column of the population, where the names differ. */
  readonly columns?: Readonly<Record<string, string>>
  /** Columns of the model's stream that go into the output, besides its key and id. */
  readonly keep?: readonly string[]
  /** One file, `csv('scores.csv')` or `parquet('scores.parquet')`, or a table of a database. */
  readonly to: FilesLocation | SqliteLocation | PostgresLocation
  /** In a table, a run takes the place of the one before, unless it is to be appended. */
  readonly write?: BatchDefinition['write']
  /** Cron expression in UTC; absent: it runs when it is asked to. */
  readonly schedule?: string
  /** What must hold of the output before it is published; its columns are `score`, `decision`, `t` and those of the rows. */
  readonly quality?: readonly CheckDefinition[]
  /** Largest share of the rows that may be rejected, 0 to 1, before the output is held back; .05 unless given. */
  readonly rejectBudget?: number
  /** Whether the output has a column of reasons; those that adverse decisions are owed take some milliseconds a row. */
  readonly reasons?: boolean
}

const known: OptionsOf<BatchOptions> = {
  model: true,
  population: true,
  columns: true,
  keep: true,
  to: true,
  write: true,
  schedule: true,
  quality: true,
  rejectBudget: true,
  reasons: true,
  owner: true,
  description: true,
}

const DEFAULT_BUDGET = 0.05

/**
 * The scoring of a population as of a time: on a schedule, or when it is asked for with `trueline score`.
 * @example
 * batch('nightly', { model: lateFlight, population: rowsOf(departures, { next: '1d' }), schedule: '0 4 * * *', to: parquet('scores/late.parquet') })
 */
export function batch(name: string, options: BatchOptions): BatchDefinition {
  checkOptions<BatchOptions>(`batch '${name}'`, options, known)
  const { model, population, columns = {}, keep = [], to, write = 'replace', schedule, quality = [] } = options
  const definition: BatchDefinition = {
    ...{ kind: 'batch', name, model: model.name, population, columns: byName(columns), keep },
    ...{ to: destinationOf(to), write },
    ...(schedule === undefined ? {} : { schedule }),
    ...{ quality, rejectBudget: options.rejectBudget ?? DEFAULT_BUDGET },
    ...(options.reasons === true ? { reasons: true } : {}),
    ...proseOf(options),
  }
  return withHidden(definition, [model], {})
}

/** A place that is written to; what no one can write to is told by the check of the project. */
function destinationOf(to: BatchOptions['to']): DestinationLocation {
  switch (to.kind) {
    case 'postgres':
      return { kind: 'postgres', url: to.url, table: 'table' in to.read ? to.read.table : '' }
    case 'sqlite':
      return { kind: 'sqlite', path: to.path, table: 'table' in to.read ? to.read.table : '' }
    case 'csv':
    case 'parquet':
      return { kind: to.kind, path: to.paths.length === 1 ? to.paths[0]! : '' }
    case 'jsonLines':
      return { kind: 'parquet', path: '' }
  }
}

/**
 * Rows of a stream as a population: those whose time lies from `last` before the moment as of which is scored up to
 * `next` after it.
 * @example rowsOf(departures, { next: '1d' })
 */
export function rowsOf<const Columns extends Schema>(
  stream: Stream<Columns>,
  range: { readonly last?: Duration; readonly next?: Duration },
): StreamPopulation {
  checkOptions(`rowsOf '${stream.name}'`, range, { last: true, next: true })
  const lengthOf = (end: 'last' | 'next'): number => {
    const length = range[end]
    return length === undefined ? 0 : parseDuration(length, `rowsOf '${stream.name}', ${end}`)
  }
  return { kind: 'stream', stream: stream.name, last: lengthOf('last'), next: lengthOf('next') }
}
