import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { parquetFiles, sqlName } from './duckdb.ts'
import { eventColumns, eventsIn } from './event-columns.ts'
import { type FlushContext, flushTail } from './flush-tail.ts'
import type { ConflictingRow, ImportedRows, StagedImport } from './import-staging.ts'
import { meanRowBytes } from './row-bytes.ts'
import { scanChanges } from './scan-changes.ts'
import { publishFiles, writeEventsWith } from './write-events.ts'

/**
 * Makes staged rows a new generation of their stream: offsets follow `known_at`, then the place in the source. A row
 * whose id and revision are in the lake, or earlier in the source, is a duplicate or a conflict. While it runs nothing else is
 * appended, so that the feature state meets all events in the order of their offsets.
 * @throws TruelineError `log_unavailable` when the rows are there and cannot be given to the state: nothing more is then
 *   appended until the next start, which does it
 */
export async function importRows(
  context: FlushContext,
  stream: StreamDefinition,
  staged: StagedImport,
): Promise<ImportedRows> {
  const { duckdb, log, folder } = context
  return log.exclusively(async () => {
    await flushTail(context)
    const imported = await duckdb.withConnection((connection) => adopt(connection, context, stream, staged))
    try {
      for await (const batch of scanChanges(duckdb, folder, log, stream, imported.firstOffset, log.nextOffset - 1))
        staged.onImported(batch)
    } catch (cause) {
      // Nothing that waits to be committed is lost.
      await log.drained()
      // The state must meet no later event before these: the next start gives them to it first.
      throw log.refuse(
        new TruelineError(
          'log_unavailable',
          `${imported.accepted} imported rows of '${stream.name}' could not be read back.`,
          {
            path: stream.name,
            remedy: 'The rows are imported: start again, and the features get them before anything else is taken.',
            cause,
          },
        ),
      )
    }
    return imported
  })
}

async function adopt(
  connection: DuckDBConnection,
  { log, folder }: FlushContext,
  { name, schema }: StreamDefinition,
  { file, source, path, rejected, conflicts: lettersOf, retried }: StagedImport,
): Promise<ImportedRows> {
  const columns = Object.keys(schema).map(sqlName)
  const earlier = log.lakeFiles(name).map((one) => join(folder, one.path))
  await connection.run(`CREATE TEMP VIEW staged AS FROM ${parquetFiles([file])}`)
  await findRepeats(connection, columns, eventsIn(earlier, schema))
  const [staging, repeats, conflicting] = await count(connection, 'staged', 'repeats', 'repeats WHERE conflicts')
  const contradicting = retried === undefined && conflicting > 0 ? await conflictingRows(connection, schema) : []
  const conflicts = contradicting.length === 0 ? [] : await lettersOf(contradicting)
  const changes = retried?.(await repeatsByRow(connection))
  const firstOffset = log.nextOffset
  const generation = log.generation + 1
  const written = await writeEventsWith(connection, folder, {
    stream: name,
    generation,
    bytesOfRow: await meanRowBytes(connection, 'staged', eventColumns(schema)),
    rows: staging - repeats,
    select: `SELECT ${firstOffset} - 1 + row_number() OVER (ORDER BY _known_at, _row) AS _offset, _partition,
      ${generation}::UINTEGER AS _generation, _id, _revision, _tombstone, _event_time, _known_at,
      ${log.knownAt()}::BIGINT AS _appended_at, ${columns.join(', ')}
      FROM staged ANTI JOIN repeats USING (_row) ORDER BY _offset`,
  })
  const accepted = written?.rows ?? 0
  const refused = [...rejected, ...conflicts]
  const duplicates = repeats - conflicting
  const record = {
    stream: name,
    source,
    path,
    generation: written === undefined ? log.generation : generation,
    accepted,
    duplicates,
    rejected: refused,
    ...(changes === undefined ? {} : { retried: changes }),
    // Nothing was taken, so no time has come.
    lastKnownAt: written?.lastKnownAt ?? Number.MIN_SAFE_INTEGER,
  }
  const flushedOffset = firstOffset + accepted - 1
  const files = written === undefined ? [] : [written]
  await log.recordLakeFiles({ files, flushedOffset, imported: record, publish: () => publishFiles(folder, files) })
  const received = accepted + duplicates + refused.length
  return { received, accepted, duplicates, rejected: refused.length, generation: record.generation, firstOffset }
}

/** Fills the table `repeats`: rows whose id and revision came before, and whether with other content. */
async function findRepeats(connection: DuckDBConnection, columns: readonly string[], events: string): Promise<void> {
  const same = [...columns, '_tombstone']
    .map((column) => `staged.${column} IS NOT DISTINCT FROM earlier.${column}`)
    .join(' AND ')
  await connection.run('CREATE TEMP TABLE repeats (_row BIGINT, conflicts BOOLEAN)')
  await connection.run(
    `INSERT INTO repeats SELECT staged._row, NOT bool_or(${same})
     FROM staged JOIN ${events} AS earlier USING (_id, _revision) GROUP BY ALL`,
  )
  // Few ids come twice in a source: only their rows are put in order.
  await connection.run(
    `CREATE TEMP TABLE ranked AS SELECT *, row_number() OVER (PARTITION BY _id, _revision ORDER BY _known_at, _row) AS turn
     FROM staged WHERE _id IN (SELECT _id FROM staged GROUP BY _id HAVING count(*) > 1)`,
  )
  await connection.run(
    `INSERT INTO repeats SELECT staged._row, NOT (${same})
     FROM ranked AS staged JOIN ranked AS earlier USING (_id, _revision)
     WHERE earlier.turn = 1 AND staged.turn > 1 AND staged._row NOT IN (SELECT _row FROM repeats)`,
  )
}

async function conflictingRows(
  connection: DuckDBConnection,
  schema: StreamDefinition['schema'],
): Promise<ConflictingRow[]> {
  const columns = Object.entries(schema).map(([name, { type }]) =>
    type === 'string' || type === 'bool' ? sqlName(name) : `${sqlName(name)}::DOUBLE AS ${sqlName(name)}`,
  )
  const reader = await connection.runAndReadAll(
    `SELECT ${columns.join(', ')}, _row::DOUBLE AS _row, _revision::DOUBLE AS _revision, _tombstone
     FROM staged JOIN repeats USING (_row) WHERE conflicts ORDER BY _row`,
  )
  const rows = reader.getRowObjects() as Record<string, Value>[]
  return rows.map(({ _row, _revision, _tombstone, ...row }) => ({
    number: _row as number,
    row: {
      ...row,
      ...(_revision === 0 ? {} : { _revision: _revision! }),
      ...(_tombstone === true ? { _tombstone } : {}),
    },
  }))
}

async function repeatsByRow(connection: DuckDBConnection): Promise<Map<number, 'duplicate' | 'conflict'>> {
  const reader = await connection.runAndReadAll('SELECT _row::DOUBLE, conflicts FROM repeats')
  const rows = reader.getRows() as [number, boolean][]
  return new Map(rows.map(([row, conflicts]) => [row, conflicts ? 'conflict' : 'duplicate']))
}

async function count(connection: DuckDBConnection, ...tables: string[]): Promise<[number, number, number]> {
  const counts = tables.map((table) => `(SELECT count(*)::DOUBLE FROM ${table})`)
  const reader = await connection.runAndReadAll(`SELECT ${counts.join(', ')}`)
  return reader.getRows()[0] as [number, number, number]
}
