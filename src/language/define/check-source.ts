import { isCron } from '../../core/schedule.ts'
import { zoneOffsets } from '../../core/zones/zones.ts'
import { typeOfColumn } from '../expr/type-of.ts'
import type { ProjectDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'
import type { HttpPagesLocation, SourceDefinition, SourceLocation } from './source-definition.ts'

/** Checks a source by itself and against the stream that it feeds. */
export function checkSource(definition: SourceDefinition, project: ProjectDefinition, mistakes: Mistakes): void {
  const { into, from, columns } = definition
  const require = (holds: boolean, place: string, message: string): void => {
    if (!holds) mistakes.add('definition_invalid', place, message)
  }
  const { zone } = definition
  if (zone !== undefined) mistakes.attempt('zone', () => zoneOffsets(zone))
  checkLocation(from, require)
  checkTimes(definition, require)
  checkReading(definition, require)
  if (!mistakes.known('unknown_stream', 'into', 'stream', into, Object.keys(project.streams))) return
  const { schema, madeBy } = project.streams[into]!
  if (madeBy !== undefined) mistakes.add('stream_is_output', 'into', `'${into}' holds what model '${madeBy}' answers.`)
  for (const [name, inSource] of Object.entries(columns)) {
    mistakes.attempt('columns', () => typeOfColumn(name, schema))
    require(inSource !== '', `columns.${name}`, 'It names no column of the source.')
  }
}

type Require = (holds: boolean, place: string, message: string) => void

function checkLocation(from: SourceLocation, require: Require): void {
  switch (from.kind) {
    case 'csv':
    case 'jsonLines':
    case 'parquet':
      require(from.paths.length > 0 && from.paths.every((path) => path !== ''), 'from', 'It names no file.')
      return
    case 'sqlite':
      require(from.path !== '', 'from', 'It names no file.')
      return
    case 'postgres': {
      const { url } = from
      if (typeof url !== 'string') return
      const address = URL.canParse(url) ? new URL(url) : undefined
      require(/^postgres(ql)?:$/.test(address?.protocol ?? ''), 'from.url', 'It is not a postgres:// address.')
      require((address?.password ?? '') ===
        '', 'from.url', "A password in it would be stored and shown; write url: env('NAME') in its place.")
      return
    }
    case 'httpPages':
      checkPages(from, require)
  }
}

function checkPages({ url, headers, continues, next }: HttpPagesLocation, require: Require): void {
  const address = URL.canParse(url) ? new URL(url) : undefined
  require(/^https?:$/.test(address?.protocol ?? ''), 'from.url', `'${url}' is not an http or https address.`)
  require((address?.password ?? '') ===
    '', 'from.url', "A password in it would be stored and shown; send it as a header with env('NAME').")
  for (const [name, value] of Object.entries(headers))
    require(typeof value !== 'string' ||
      !/^(authorization|cookie|.*(key|token|secret).*)$/i.test(
        name,
      ), `from.headers.${name}`, "It would be stored and shown; write env('NAME') in its place.")
  require(!continues || next !== undefined, 'from.continues', 'Only what has pages goes on at the last one.')
}

function checkTimes(definition: SourceDefinition, require: Require): void {
  const { schedule, retry, breaker, timeout, freshness, volume, rate } = definition
  require(schedule === undefined ||
    isCron(schedule), 'schedule', `'${schedule}' is not a cron expression such as '*/5 * * * *'.`)
  require(retry.first > 0 && retry.longest >= retry.first, 'retry', 'The longest wait cannot be below the first.')
  require(Number.isInteger(breaker.failures) &&
    breaker.failures > 0, 'breaker.failures', 'It is not a whole number above 0.')
  require(breaker.pause > 0, 'breaker.pause', 'It must be longer than 0.')
  require(timeout > 0, 'timeout', 'It must be longer than 0.')
  require(freshness === undefined || freshness > 0, 'freshness', 'It must be longer than 0.')
  require((volume?.per ?? 1) > 0, 'volume.per', 'It must be longer than 0.')
  require(volume === undefined ||
    (volume.atLeast ?? 0) <= (volume.atMost ?? Number.POSITIVE_INFINITY), 'volume', 'atLeast is above atMost.')
  require(volume === undefined ||
    volume.atLeast !== undefined ||
    volume.atMost !== undefined, 'volume', 'It says neither atLeast nor atMost.')
  require((rate?.per ?? 1) > 0 &&
    (rate?.rows ?? 1) > 0 &&
    (rate?.requests ?? 1) > 0, 'rate', 'Each of its numbers must be above 0.')
}

function checkReading({ from, incremental, deletions }: SourceDefinition, require: Require): void {
  const isFiles = from.kind === 'csv' || from.kind === 'jsonLines' || from.kind === 'parquet'
  if (incremental !== undefined) {
    require(!isFiles, 'incremental', 'Files are read on from where they ended; leave it out.')
    require(from.kind !== 'httpPages' ||
      from.since !==
        undefined, 'incremental', 'The pages take no watermark; name the parameter that does with `since`.')
    require(incremental.by !== '', 'incremental.by', 'It names no column.')
    require(incremental.overlap >= 0, 'incremental.overlap', 'It cannot be below 0.')
    require(deletions === undefined ||
      from.kind === 'sqlite' ||
      from.kind === 'postgres', 'deletions', 'Only tables list their ids; leave `incremental` out to read everything.')
    require(deletions === undefined ||
      incremental.rows === 'changed', 'deletions', "A row that goes does change; leave `rows: 'appended'` out.")
  }
  const every = deletions?.every
  require(every === undefined ||
    (incremental !== undefined &&
      every >
        0), 'deletions.every', 'It is a time above 0, and goes with `incremental`: else each run reads everything.')
  const share = deletions?.atMost ?? 1
  require(share > 0 && share <= 1, 'deletions.atMost', 'It must lie above 0 and not above 1.')
  require(deletions === undefined ||
    from.kind !== 'httpPages' ||
    !from.continues, 'deletions', 'A snapshot reads all pages; leave `continues` out.')
  const next = from.kind === 'httpPages' ? from.next : undefined
  const isNumbered = next !== undefined && ('offset' in next || 'page' in next)
  require(deletions === undefined ||
    !isNumbered, 'deletions', 'Rows move between numbered pages and would be taken for deleted; follow links or cursors.')
}
