import type { Schema } from '../../core/data-type.ts'
import { type Duration, MINUTE, parseDuration, SECOND } from '../../core/time.ts'
import { byName } from './by-name.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'
import type { Prose } from './definitions.ts'
import { proseOf } from './entity.ts'
import { withHidden } from './mentions.ts'
import type { SourceDefinition, SourceLocation } from './source-definition.ts'
import type { Stream } from './stream.ts'

interface SourceOptions<Columns extends Schema> extends Prose {
  /** The stream whose events the rows become. */
  readonly into: Stream<Columns>
  readonly from: SourceLocation
  /** Column of the stream -> column of the source, where the names differ. */
  readonly columns?: { readonly [Name in NoInfer<keyof Columns & string>]?: string }
  /**
   * IANA time zone of the clocks that wrote times without a zone, such as 'Europe/Berlin'; UTC unless given. Of an hour
   * that came twice the first is meant, and a time that was skipped is the moment at which the clocks were put forward.
   */
  readonly zone?: string
  /** Cron expression in UTC; absent: it runs when it is asked to. */
  readonly schedule?: string
  /** For tables, queries and pages: reads only rows whose watermark is not below that of the last run. */
  readonly incremental?: {
    /** Column of the source that rises with every new or changed row. */
    readonly by: string
    /** How far below the watermark to read again: a duration for times, a number for numbers. None unless given. */
    readonly overlap?: Duration | number
    /** `changed` unless given: a row that comes again corrects the one before. */
    readonly rows?: 'changed' | 'appended'
  }
  /**
   * Reads everything each time; what is gone becomes a tombstone, unless it is more than a share of all (half of it). With
   * `incremental`, for tables: reads all ids besides what changed, in each run or no more than once `every` so often.
   */
  readonly deletions?: 'snapshot' | { readonly by: 'snapshot'; readonly atMost?: number; readonly every?: Duration }
  readonly rate?: { readonly rows?: number; readonly requests?: number; readonly per: Duration }
  /** Longest waits after the first and any later failure in a row; 1s and 5m unless given. */
  readonly retry?: { readonly first?: Duration; readonly longest?: Duration }
  /** Failures in a row after which it is left alone, and for how long; 5 and 10m unless given. */
  readonly breaker?: { readonly failures?: number; readonly pause?: Duration }
  /** What to do with rows whose columns are not those seen before; `accept` unless given. An alert opens in any case. */
  readonly onSchemaChange?: SourceDefinition['onSchemaChange']
  /** Longest wait for one answer of the peer; 30s unless given. */
  readonly timeout?: Duration
  /** Longest time without a new row before an alert. */
  readonly freshness?: Duration
  /** New rows that every stretch of time must bring. */
  readonly volume?: { readonly per: Duration; readonly atLeast?: number; readonly atMost?: number }
}

const known: OptionsOf<SourceOptions<Schema>> = {
  into: true,
  from: true,
  columns: true,
  zone: true,
  schedule: true,
  incremental: true,
  deletions: true,
  rate: true,
  retry: true,
  breaker: true,
  onSchemaChange: true,
  timeout: true,
  freshness: true,
  volume: true,
  owner: true,
  description: true,
}

const DEFAULT_SHARE = 0.5

/**
 * What a stream's rows are read from, when, and what is done when that does not go well.
 * @example
 * source('shop_orders', { into: orders, from: csv('data/orders/*.csv'), schedule: '*\/5 * * * *', columns: { order: 'id' } })
 */
export function source<const Columns extends Schema>(name: string, options: SourceOptions<Columns>): SourceDefinition {
  checkOptions<SourceOptions<Schema>>(`source '${name}'`, options as never, known)
  const {
    into,
    from,
    columns = {},
    zone,
    schedule,
    incremental,
    deletions,
    rate,
    retry,
    breaker,
    freshness,
    volume,
  } = options
  const place = `source '${name}'`
  checkParts(place, options)
  const definition: SourceDefinition = {
    kind: 'source',
    name,
    into: into.name,
    from,
    columns: byName(columns as Readonly<Record<string, string>>),
    ...(zone === undefined ? {} : { zone }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(incremental === undefined ? {} : { incremental: incrementalOf(place, incremental) }),
    ...(deletions === undefined ? {} : { deletions: deletionsOf(place, deletions) }),
    ...(rate === undefined ? {} : { rate: { ...rate, per: parseDuration(rate.per, `${place}, rate.per`) } }),
    retry: {
      first: lengthOf(`${place}, retry.first`, retry?.first, SECOND),
      longest: lengthOf(`${place}, retry.longest`, retry?.longest, 5 * MINUTE),
    },
    breaker: {
      failures: breaker?.failures ?? 5,
      pause: lengthOf(`${place}, breaker.pause`, breaker?.pause, 10 * MINUTE),
    },
    onSchemaChange: options.onSchemaChange ?? 'accept',
    timeout: lengthOf(`${place}, timeout`, options.timeout, 30 * SECOND),
    ...(freshness === undefined ? {} : { freshness: parseDuration(freshness, `${place}, freshness`) }),
    ...(volume === undefined ? {} : { volume: { ...volume, per: parseDuration(volume.per, `${place}, volume.per`) } }),
    ...proseOf(options),
  }
  return withHidden(definition, [into], {})
}

type Parts = Pick<SourceOptions<Schema>, 'incremental' | 'deletions' | 'rate' | 'retry' | 'breaker' | 'volume'>

function checkParts(place: string, { incremental, deletions, rate, retry, breaker, volume }: Parts): void {
  if (incremental !== undefined)
    checkOptions(`${place}, incremental`, incremental, { by: true, overlap: true, rows: true })
  if (typeof deletions === 'object')
    checkOptions(`${place}, deletions`, deletions, { by: true, atMost: true, every: true })
  if (rate !== undefined) checkOptions(`${place}, rate`, rate, { rows: true, requests: true, per: true })
  if (retry !== undefined) checkOptions(`${place}, retry`, retry, { first: true, longest: true })
  if (breaker !== undefined) checkOptions(`${place}, breaker`, breaker, { failures: true, pause: true })
  if (volume !== undefined) checkOptions(`${place}, volume`, volume, { per: true, atLeast: true, atMost: true })
}

function incrementalOf(
  place: string,
  { by, overlap = 0, rows = 'changed' }: NonNullable<SourceOptions<Schema>['incremental']>,
): NonNullable<SourceDefinition['incremental']> {
  return {
    by,
    overlap: typeof overlap === 'number' ? overlap : parseDuration(overlap, `${place}, incremental.overlap`),
    rows,
  }
}

function deletionsOf(
  place: string,
  deletions: NonNullable<SourceOptions<Schema>['deletions']>,
): NonNullable<SourceDefinition['deletions']> {
  const { atMost = DEFAULT_SHARE, every } = deletions === 'snapshot' ? {} : deletions
  return {
    by: 'snapshot',
    atMost,
    ...(every === undefined ? {} : { every: parseDuration(every, `${place}, deletions.every`) }),
  }
}

function lengthOf(place: string, duration: Duration | undefined, otherwise: number): number {
  return duration === undefined ? otherwise : parseDuration(duration, place)
}
