import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { seededRandom } from '../../src/core/random.ts'
import { materializeFeatures } from '../../src/data/features/materialize.ts'
import { emptyOutput, partOf, type ReplayRequest, replayFeatures } from '../../src/data/features/replay.ts'
import { type ReplayPart, rangesOf, replayRange } from '../../src/data/features/replay-part.ts'
import { readParts } from '../../src/data/features/replay-parts.ts'
import { planGroup } from '../../src/kernel/plan.ts'
import type { VectorColumns } from '../../src/kernel/replay.ts'
import { createDictionary, type Dictionary } from '../../src/language/expr/dictionary.ts'
import { type Duckdb, openDuckdb, sqlName, sqlText } from '../../src/stores/lake/duckdb.ts'
import { readColumns } from '../../src/stores/lake/read-columns.ts'
import { reviseEvents } from '../../src/stores/lake/revised-events.ts'
import { decoder, driversOf } from './drivers.ts'
import type { Comparison } from './law.ts'
import type { LawCase, LawQuery } from './law-case.ts'
import type { Answer } from './oracle.ts'
import { storedCase, storeEvents, thing } from './stored-case.ts'

type Asking = Omit<ReplayRequest, 'dictionary' | 'mostAtOnce'>

/**
 * Asks the same of replays that read tables: in one piece; in parts that go through files, each cut into ranges as threads
 * take them, the last one first; and into files of vectors. The kernel alone says what to expect.
 */
export async function compareStores(given: readonly LawCase[]): Promise<readonly (readonly Comparison[])[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-law-10-'))
  const duckdb = await openDuckdb({ threads: 1, temporaryFolder: join(folder.path, 'temporary') })
  const compared: (readonly Comparison[])[] = []
  try {
    for (const [index, lawCase] of given.map(storedCase).entries()) {
      const asking = await duckdb.withConnection((connection) => storeCase(connection, lawCase))
      compared.push(await compareCase(duckdb, lawCase, asking, join(folder.path, `vectors-${index}`)))
    }
  } finally {
    duckdb.close()
  }
  return compared
}

async function compareCase(duckdb: Duckdb, lawCase: LawCase, asking: Asking, folder: string): Promise<Comparison[]> {
  const { events, queries, salt } = lawCase
  const random = seededRandom(salt)
  const expected = driversOf(lawCase).replay(events, queries, ({ position }) => position)
  const mostAtOnce = () => Math.ceil((events.length + queries.length) / (1 + random.integer(5)))
  const [ofWhole, ofParts, ofFiles] = [createDictionary(), createDictionary(), createDictionary()]
  const [whole, parts] = await duckdb.withConnection(async (connection) => [
    await replayFeatures(connection, { ...asking, dictionary: ofWhole }),
    await replayRanges(connection, { ...asking, dictionary: ofParts, mostAtOnce: mostAtOnce() }, 1 + random.integer(3)),
  ])
  await materializeFeatures(duckdb, { ...asking, dictionary: ofFiles, mostAtOnce: mostAtOnce() }, folder)
  const files = await duckdb.withConnection((connection) => readFiles(connection, lawCase, folder))
  const compare = (what: string, columns: VectorColumns, dictionary: Dictionary) =>
    answersIn(lawCase, columns, dictionary).map((actual, row): Comparison => {
      return { what, query: queries[row]!, expected: expected[row]!, actual }
    })
  // The files hold no statuses: those of the replay are put beside their values.
  const { statuses } = whole
  return [
    ...compare('replayed from tables', whole, ofWhole),
    ...compare('replayed from files in parts and ranges', parts, ofParts),
    ...compare('materialised', { values: files, statuses }, ofFiles),
  ]
}

/** Writes a case's log and questions to tables that every connection sees. */
async function storeCase(connection: DuckDBConnection, lawCase: LawCase): Promise<Asking> {
  const { stream, definition, queries } = lawCase
  await storeEvents(connection, lawCase)
  const revised = await reviseEvents(connection, 'events', stream.corrections.within, 'case')
  await connection.run(`CREATE OR REPLACE TABLE revised AS FROM ${revised.events}`)
  const rows = queries.map(({ entity, t, cut }: LawQuery, row) => `(${row}, ${sqlText(entity)}, ${t}, ${cut})`)
  await connection.run(`CREATE OR REPLACE TABLE asked AS SELECT _ordinal::BIGINT AS _ordinal, thing, _t::DOUBLE AS _t, _cut
    FROM (VALUES ${rows.join(', ')}) AS rows(_ordinal, thing, _t, _cut)`)
  return {
    ...{ definition, stream, entity: thing, events: 'revised', visibleAt: 'event._offset' },
    ...(revised.supersession === undefined ? {} : { hiddenAt: 'event._hidden_offset' }),
    ...{ spine: 'asked', time: '_t', cut: '_cut', rowColumns: ['thing'], rows: queries.length },
  }
}

/** As `replayFeatures` does it with threads, but for the threads. */
async function replayRanges(
  connection: DuckDBConnection,
  request: ReplayRequest & { readonly mostAtOnce: number },
  most: number,
): Promise<VectorColumns> {
  const { definition, stream, dictionary, rows, mostAtOnce } = request
  const plan = planGroup(definition, stream, dictionary)
  const output = emptyOutput(plan, rows)
  for await (const asked of readParts(connection, request, { ordersTies: plan.ordersTies, rows, mostAtOnce })) {
    const part: ReplayPart = { ...partOf(request, plan, asked), answers: { to: 'columns', output } }
    for (const range of rangesOf(part, most).toReversed()) replayRange(part, range, dictionary)
  }
  return output
}

/** Values of the vectors in a folder, in the order of the rows that asked: each has one. */
function readFiles(
  connection: DuckDBConnection,
  { definition, queries }: LawCase,
  folder: string,
): Promise<Float64Array[]> {
  const columns = Object.keys(definition.select).map((name) => `coalesce(${sqlName(name)}::DOUBLE, 'nan'::DOUBLE)`)
  const files = sqlText(join(folder, '*.parquet'))
  const sql = `SELECT ${columns.join(', ')} FROM read_parquet(${files}) ORDER BY ordinal`
  const readings = columns.map(() => 'double' as const)
  return readColumns(connection, sql, readings, queries.length)
}

function answersIn(lawCase: LawCase, { values, statuses }: VectorColumns, dictionary: Dictionary): Answer[][] {
  const decode = decoder(lawCase, dictionary)
  return lawCase.queries.map((_, row) =>
    values.map((column, feature) => decode(feature, column[row]!, statuses[feature]![row]!)),
  )
}
