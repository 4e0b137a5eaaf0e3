import { open, rm } from 'node:fs/promises'
import { extname } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { TruelineError } from '../../core/errors.ts'
import { formatTime } from '../../core/time.ts'
import { sqlFile, sqlText } from '../../stores/lake/duckdb.ts'
import type { LoggedPrediction, LoggedPredictionPage } from '../api/prediction-log-answers.ts'

/** ISO 8601 in UTC, as everywhere else. */
const CSV_TIME = '%Y-%m-%dT%H:%M:%S.%fZ'

const formats = new Set(['.parquet', '.csv', '.jsonl'])

/**
 * Writes logged predictions to a file, page by page, so that any number of them takes the memory of one page.
 * @param read gives the page after another one
 * @returns how many they were
 * @throws TruelineError `invalid_arguments` for a file of another kind
 */
export async function exportPredictions(
  file: string,
  read: (after: { readonly after?: string }) => Promise<LoggedPredictionPage>,
): Promise<number> {
  const format = extname(file)
  if (!formats.has(format))
    throw new TruelineError('invalid_arguments', `A file of predictions is .parquet, .csv or .jsonl, not '${file}'.`)
  const lines = format === '.jsonl' ? file : `${file}.jsonl.tmp`
  let rows = 0
  try {
    const output = await open(lines, 'w')
    try {
      for (let after: { readonly after?: string } | undefined = {}; after !== undefined; ) {
        const { predictions, next }: LoggedPredictionPage = await read(after)
        await output.write(predictions.map((one) => `${JSON.stringify(flat(one))}\n`).join(''))
        rows += predictions.length
        after = next === undefined ? undefined : { after: next }
      }
    } finally {
      await output.close()
    }
    if (lines !== file) await convert(lines, file, format === '.csv' ? 'csv' : 'parquet', rows)
  } finally {
    if (lines !== file) await rm(lines, { force: true })
  }
  return rows
}

/** A prediction in columns: times as texts, the row as JSON, a column for each feature and each class. */
function flat({
  row,
  times: _,
  features = {},
  probabilities = {},
  t,
  served_at,
  ...prediction
}: LoggedPrediction): Record<string, unknown> {
  const values = Object.entries(features).map(([name, { value }]) => [`feature.${name}`, value])
  return {
    ...prediction,
    ...{ t: formatTime(t), served_at: formatTime(served_at), row: JSON.stringify(row) },
    ...Object.fromEntries(Object.entries(probabilities).map(([name, value]) => [`probability.${name}`, value])),
    ...Object.fromEntries(values),
  }
}

async function convert(lines: string, file: string, format: 'csv' | 'parquet', rows: number): Promise<void> {
  if (rows === 0)
    throw new TruelineError(
      'invalid_arguments',
      'No prediction was logged in this range, so there is nothing to export.',
    )
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' })
  const connection = await instance.connect()
  try {
    const options =
      format === 'csv' ? `FORMAT csv, HEADER, TIMESTAMPFORMAT '${CSV_TIME}'` : 'FORMAT parquet, COMPRESSION zstd'
    await connection.run(
      `COPY (SELECT * REPLACE (t::TIMESTAMP AS t, served_at::TIMESTAMP AS served_at) FROM read_json(${sqlFile(lines)}, hive_partitioning = false, format = 'newline_delimited', sample_size = -1))
       TO ${sqlText(file)} (${options})`,
    )
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
