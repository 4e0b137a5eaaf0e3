import { FARTHEST } from '../../core/zones/start-of.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { SourceDefinition } from '../../language/define/source-definition.ts'
import { filesReader } from './files-reader.ts'
import { httpReader } from './http-reader.ts'
import { postgresReader } from './postgres-reader.ts'
import type { ReaderContext, SourceReader } from './source-page.ts'
import { sqliteReader } from './sqlite-reader.ts'
import { type TimeRange, widened } from './time-range.ts'

/** The reader of a source's kind. */
export function createReader(
  definition: SourceDefinition,
  stream: StreamDefinition,
  context: ReaderContext,
  asked: TimeRange = {},
): SourceReader {
  const { from, zone } = definition
  // What the peer compares has no zone yet.
  const range = zone === undefined ? asked : widened(asked, FARTHEST)
  switch (from.kind) {
    case 'csv':
    case 'jsonLines':
    case 'parquet':
      return filesReader(from, stream, definition, context, range)
    case 'sqlite':
      return sqliteReader(from, stream, definition, context, range)
    case 'postgres':
      return postgresReader(from, stream, definition, context, range)
    case 'httpPages':
      return httpReader(from, definition, context)
  }
}
