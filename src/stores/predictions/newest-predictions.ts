import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { parquetFiles, sqlText } from '../lake/duckdb.ts'
import { readCount } from '../lake/read-columns.ts'
import type { EventLog } from '../log/event-log.ts'
import type { DecodedPredictions, PredictionPosition } from '../log/prediction-block.ts'
import { predictionAt } from '../log/prediction-codec.ts'
import type { PredictionFile } from '../log/prediction-file.ts'
import { conditionOf, overlaps } from './prediction-range.ts'
import type { NewestFound, NewestPage, PlacedPrediction } from './predictions.ts'
import { readPredictions } from './read-predictions.ts'
import { hasValue, valueCondition } from './row-value.ts'

interface NewestParts {
  readonly log: EventLog
  readonly files: readonly PredictionFile[]
  /** That the paths of files are below. */
  readonly folder: string
  readonly connect: () => Promise<DuckDBConnection>
  /** Rows that are looked at for a page, beyond which it ends with what was found. */
  readonly mostRows: number
}

/** Behind all that is there. */
const END: PredictionPosition = { sequence: Number.MAX_SAFE_INTEGER, place: 0 }

/**
 * A page of the newest predictions, the last that became durable first. The log's own table is read block by block from its
 * end; then the files, the last ones first, of each no more rows than the page has. What hardly any row has is looked for in so
 * many rows at a time: no request reads all that was ever logged.
 */
export async function readNewest(parts: NewestParts, page: NewestPage): Promise<NewestFound> {
  const { before = END, model, version, decision, row, limit, from = -Infinity, to = Infinity } = page
  const range = { by: 'servedAt', from, to } as const
  const chosen = { ...(model === undefined ? {} : { model }), ...(version === undefined ? {} : { version }) }
  const found: PlacedPrediction[] = []
  let looked = 0

  function take(block: DecodedPredictions, index: number): void {
    const position = block.position(index)
    const servedAt = block.servedAt[index]!
    if (servedAt < from || servedAt >= to || compare(position, before) >= 0) return
    if (decision !== undefined && block.decision(index) !== decision) return
    if (row !== undefined && !(row.mayLook(block.layout) && hasValue(block.rows[index]!, row))) return
    found.push({ prediction: predictionAt(block, index), position })
  }

  for await (const block of parts.log.scanPredictions({ ...range, ...chosen, backFrom: before.sequence })) {
    for (let index = block.length - 1; index >= 0 && found.length < limit; index -= 1) take(block, index)
    if (found.length === limit) return { found }
    looked += block.length
    if (looked >= parts.mostRows)
      return { found, looked: { to: block.position(0), since: Math.min(...block.servedAt) } }
  }
  const { sequence, place } = before
  const condition = [
    `(sequence < ${sequence} OR (sequence = ${sequence} AND place < ${place}))`,
    `(${conditionOf(range)})`,
    ...(decision === undefined ? [] : [`decision = ${sqlText(decision)}`]),
    ...(row === undefined ? [] : [valueCondition(row)]),
  ].join(' AND ')
  const files = parts.files
    .filter(
      (file) => overlaps(file, { ...range, ...chosen }) && (version ?? file.layout.version) === file.layout.version,
    )
    .filter(({ firstSequence, layout }) => firstSequence <= sequence && (row?.mayLook(layout) ?? true))
    .sort((a, b) => b.lastSequence - a.lastSequence)
  let since = Number.POSITIVE_INFINITY
  for (const file of files) {
    const last = found[limit - 1]?.position.sequence
    if (last !== undefined && file.lastSequence < last) break
    // Files of one move overlap. Those of all moves before it lie below them: what is at and below this one comes later.
    if (looked >= parts.mostRows && file.lastSequence < sequence) {
      const to = { sequence: file.lastSequence + 1, place: 0 }
      return { found: found.filter(({ position }) => compare(position, to) >= 0), looked: { to, since } }
    }
    looked += file.rows
    since = Math.min(since, file.firstServedAt)
    for await (const block of readBackwards(parts, file, condition, limit))
      for (let index = 0; index < block.length; index += 1) take(block, index)
    // Files of several versions overlap: what comes last in the log stays, whichever has it.
    found.sort((a, b) => compare(b.position, a.position)).splice(limit)
  }
  return { found }
}

async function* readBackwards(
  { connect, folder }: NewestParts,
  file: PredictionFile,
  condition: string,
  limit: number,
): AsyncGenerator<DecodedPredictions> {
  const connection = await connect()
  try {
    const path = join(folder, file.path)
    const order = `ORDER BY sequence DESC, place DESC LIMIT ${limit}`
    // A few narrow columns tell which groups of rows are to be read whole.
    const sql = `SELECT coalesce(min(sequence), -1) FROM (
      SELECT sequence FROM ${parquetFiles([path])} WHERE ${condition} ${order})`
    const first = await readCount(connection, sql)
    if (first >= 0)
      yield* readPredictions(connection, path, file.layout, `${condition} AND sequence >= ${first}`, order)
  } finally {
    connection.closeSync()
  }
}

function compare(a: PredictionPosition, b: PredictionPosition): number {
  return a.sequence - b.sequence || a.place - b.place
}
