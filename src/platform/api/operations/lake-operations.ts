import { Type } from 'typebox'
import { type Operation, operation } from './operation.ts'

export const lakeOperations = {
  lakeFiles: operation({
    method: 'GET',
    path: '/api/v1/lake/files',
    summary: 'The Parquet files that hold the history of streams, each event once, with a view of them for DuckDB',
    input: Type.Object({ stream: Type.Optional(Type.String({ description: 'Name of a stream' })) }),
    run: (platform, { stream }) => platform.lakeFiles(stream),
  }),
} satisfies Record<string, Operation>
