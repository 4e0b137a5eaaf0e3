import type { DuckDBConnection } from '@duckdb/node-api'
import { MINUTE } from '../../core/time.ts'
import { parquetFiles, sqlText } from '../lake/duckdb.ts'
import { readChunks } from '../lake/read-columns.ts'
import type { DecodedPredictions } from '../log/prediction-block.ts'
import type { AnswersMeant, TellAnswers } from './predictions.ts'

/**
 * Tells of the answers of a file that are meant, by their minute and how long they took.
 * @param path absolute; all of it is of the version that is meant
 */
export async function answersInFile(
  connection: DuckDBConnection,
  path: string,
  { from, latenciesFrom, through, without }: AnswersMeant,
  tell: TellAnswers,
): Promise<void> {
  const timestamp = (time: number): string => `make_timestamp(${Math.ceil(time)})`
  const sql = `SELECT (epoch_us(served_at) // ${MINUTE})::DOUBLE,
      CASE WHEN served_at >= ${timestamp(latenciesFrom)} THEN latency_us::DOUBLE ELSE -1 END AS latency, count(*)::DOUBLE
    FROM ${parquetFiles([path])} WHERE served_at >= ${timestamp(from)} AND sequence <= ${through}
      AND mode NOT IN (${without.map(sqlText).join(', ')}) GROUP BY ALL`
  await readChunks(connection, sql, ['double', 'double', 'double'], ([minutes, latencies, counts], length) => {
    for (let row = 0; row < length; row += 1) {
      const latency = latencies![row]!
      tell(minutes![row]! * MINUTE, counts![row]!, latency < 0 ? undefined : latency)
    }
  })
}

/** The same of a block, which may have others. */
export function answersInBlock(
  block: DecodedPredictions,
  { from, latenciesFrom, through, without }: AnswersMeant,
  tell: TellAnswers,
): void {
  const { length, servedAt, latency } = block
  if (length === 0 || block.position(0).sequence > through) return
  for (let row = 0; row < length; row += 1) {
    const at = servedAt[row]!
    if (at < from || without.includes(block.mode(row))) continue
    tell(Math.floor(at / MINUTE) * MINUTE, 1, at >= latenciesFrom ? latency[row]! : undefined)
  }
}
