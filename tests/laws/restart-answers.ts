import { createFeatureEngine, type FeatureEngine } from '../../src/data/features/feature-engine.ts'
import { replayFeatures } from '../../src/data/features/replay.ts'
import { createDictionary } from '../../src/language/expr/dictionary.ts'
import { openDuckdb, sqlText } from '../../src/stores/lake/duckdb.ts'
import { eventsIn } from '../../src/stores/lake/event-columns.ts'
import type { Lake } from '../../src/stores/lake/lake.ts'
import { reviseEvents } from '../../src/stores/lake/revised-events.ts'
import { decoder } from './drivers.ts'
import type { LawCase, LawQuery } from './law-case.ts'
import type { Answer } from './oracle.ts'
import { groupOf } from './restart-stores.ts'

/** Answers to a case's queries, in the order of their cuts, from what a log and a lake hold. */
export interface StoredAnswers {
  /** Of a state that follows the log from cut to cut; undefined for a time too old for it. */
  readonly served: readonly (readonly Answer[] | undefined)[]
  readonly replayed: readonly (readonly Answer[])[]
  /** Of a replay whose cut is the time of the question itself. */
  readonly historical: readonly (readonly Answer[])[]
}

type Asked = Pick<LawCase, 'stream' | 'definition' | 'queries'>

export async function answersOf(asked: Asked, lake: Lake): Promise<StoredAnswers> {
  const served = await serve(asked, lake)
  await lake.flush()
  const { replayed, historical } = await replay(asked, lake)
  return { served, replayed, historical }
}

/** What an engine of the case's group answers now; undefined for a time too old for it. */
export function readerOf({ stream, definition }: Pick<Asked, 'stream' | 'definition'>, engine: FeatureEngine) {
  const { live, keyOf } = engine.groups()[0]!
  const decode = decoder({ stream, definition }, engine.dictionary)
  const values = new Float64Array(live.plan.features.length)
  const statuses = new Uint8Array(values.length)
  return ({ entity, t }: Pick<LawQuery, 'entity' | 't'>): readonly Answer[] | undefined => {
    const isAnswered = live.read(keyOf([entity])!.text, t, values, statuses, 0)
    return isAnswered ? Array.from(values, (value, index) => decode(index, value, statuses[index]!)) : undefined
  }
}

async function serve({ stream, definition, queries }: Asked, lake: Lake): Promise<StoredAnswers['served']> {
  const engine = createFeatureEngine([groupOf({ definition, stream })], createDictionary())
  const read = readerOf({ stream, definition }, engine)
  const served: (readonly Answer[] | undefined)[] = []
  let from = 0
  for (const query of queries) {
    const { cut } = query
    for await (const batch of lake.scanChanges(stream.name, { from, to: cut - 1 })) engine.apply(batch)
    from = Math.max(from, cut)
    served.push(read(query))
  }
  return served
}

async function replay({ stream, definition, queries }: Asked, lake: Lake): Promise<Omit<StoredAnswers, 'served'>> {
  const dictionary = createDictionary()
  const decode = decoder({ stream, definition }, dictionary)
  const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder })
  try {
    return await duckdb.withConnection(async (connection) => {
      const rows = queries.map(({ entity, t, cut }, row) => `(${row}, ${sqlText(entity)}, ${t}, ${cut})`)
      await connection.run(`CREATE TABLE asked AS SELECT _ordinal::BIGINT AS _ordinal, thing, _t::DOUBLE AS _t, _cut
        FROM (VALUES ${rows.join(', ')}) AS rows(_ordinal, thing, _t, _cut)`)
      const files = lake.files(stream.name).map(({ path }) => path)
      const { within } = stream.corrections
      const revised = await reviseEvents(connection, eventsIn(files, stream.schema), within, 'case')
      const answers = async (
        known: 'offset' | 'known_at',
        cut: '_cut' | '_t',
      ): Promise<readonly (readonly Answer[])[]> => {
        const { values, statuses } = await replayFeatures(connection, {
          ...{ ...groupOf({ definition, stream }), dictionary, events: revised.events, visibleAt: `event._${known}` },
          ...(revised.supersession === undefined ? {} : { hiddenAt: `event._hidden_${known}` }),
          ...{ spine: 'asked', time: '_t', cut, rowColumns: ['thing'], rows: queries.length },
        })
        return queries.map((_, row) =>
          values.map((column, index) => decode(index, column[row]!, statuses[index]![row]!)),
        )
      }
      return { replayed: await answers('offset', '_cut'), historical: await answers('known_at', '_t') }
    })
  } finally {
    duckdb.close()
  }
}
