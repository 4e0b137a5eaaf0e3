import { tmpdir } from 'node:os'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Value } from '../../src/core/data-type.ts'
import { seededRandom } from '../../src/core/random.ts'
import { traceEvents, type VisibleEvents, visibleEvents } from '../../src/data/features/trace-events.ts'
import type { FeatureDefinition } from '../../src/language/define/definitions.ts'
import { openDuckdb } from '../../src/stores/lake/duckdb.ts'
import { driversOf } from './drivers.ts'
import { generateCase } from './generate.ts'
import { type Comparison, firstDifference, type Law, type LawReport } from './law.ts'
import type { LawCase, LawQuery } from './law-case.ts'
import type { Answer, LawEvent } from './oracle.ts'
import { meanings } from './oracle-aggregates.ts'
import { beginOf, endOf } from './oracle-windows.ts'
import { storedCase, storeEvents, thing } from './stored-case.ts'

/** A case asks SQL many questions: it counts for this many. */
const CASES_PER_CASE = 8
const QUERIES_OF_A_CASE = 3

function caseOf(seed: number): LawCase {
  const lawCase = storedCase(generateCase(seededRandom(seed)))
  return { ...lawCase, queries: lawCase.queries.slice(0, QUERIES_OF_A_CASE) }
}

/** L12. What is served live is traced, and computed again by the oracle from nothing but the rows that the trace names. */
export const trace: Law = {
  statement: 'Any served value can be traced to the events that made it.',
  casesForOne: CASES_PER_CASE,
  async run({ cases, seed }) {
    const count = Math.max(1, Math.round(cases / CASES_PER_CASE))
    const tally = { compared: 0, overRows: 0, mismatches: 0 }
    let failure: LawReport['failure']
    const duckdb = await openDuckdb({ threads: 1, temporaryFolder: tmpdir() })
    try {
      for (let index = 0; index < count; index += 1) {
        const lawCase = caseOf(seed + index)
        const comparisons = await duckdb.withConnection((connection) => traceCase(connection, lawCase))
        tally.compared += comparisons.flatMap(({ expected }) => expected).length
        tally.overRows += comparisons.reduce((sum, { overRows }) => sum + overRows, 0)
        const difference = firstDifference(comparisons)
        if (difference === undefined) continue
        tally.mismatches += 1
        failure ??= { seed: seed + index, difference, case: lawCase }
      }
    } finally {
      duckdb.close()
    }
    const { compared, overRows, mismatches } = tally
    const share = compared === 0 ? 0 : Math.round((overRows / compared) * 1000) / 1000
    return { cases: count, mismatches, non_empty_share: share, seed, ...(failure === undefined ? {} : { failure }) }
  },
}

/** Served values and traced ones, and how many of these have a row. */
type Traced = Comparison & { readonly overRows: number }

async function traceCase(connection: DuckDBConnection, lawCase: LawCase): Promise<Traced[]> {
  const { stream, definition, events, queries } = lawCase
  const drivers = driversOf(lawCase)
  await storeEvents(connection, lawCase)
  const comparisons: Traced[] = []
  for (const query of queries) {
    const live = drivers.live()
    for (const event of events) if (event.position < query.cut) live.apply(event)
    const served = live.read(query.entity, query.t)
    if (served === undefined) continue
    const { entity, t, cut } = query
    const visible = await visibleEvents(connection, 'events', {
      ...{ definition, stream, entity: thing, key: [entity], t, offset: cut - 1 },
    })
    const actual: Answer[] = []
    let overRows = 0
    for (const [index, feature] of Object.values(definition.select).entries()) {
      if (served[index]?.status !== 'value') continue
      const { value, rows } = await tracedValue(connection, lawCase, visible, feature, query)
      actual.push({ status: 'value', value })
      if (rows > 0) overRows += 1
    }
    // Why there is no value may lie in rows that no value is made from.
    const expected = served.filter(({ status }) => status === 'value')
    comparisons.push({ what: 'traced', query, expected, actual, overRows })
  }
  return comparisons
}

async function tracedValue(
  connection: DuckDBConnection,
  { stream, events }: LawCase,
  visible: VisibleEvents,
  feature: FeatureDefinition,
  { t }: LawQuery,
): Promise<{ readonly value: Value; readonly rows: number }> {
  const rowsOf = async (traced: FeatureDefinition): Promise<LawEvent[]> => {
    const rows: LawEvent[] = []
    for await (const { offset, id, revision } of traceEvents(connection, visible, traced)) {
      const row = events[offset]
      if (row === undefined || row.id !== id || row.revision !== revision) throw new Error(`${id} is not at ${offset}.`)
      rows.unshift(row)
    }
    return rows
  }
  const { window } = feature
  const rows = await rowsOf(feature)
  const all = await rowsOf({ aggregate: 'count', window, type: 'int' })
  const from = () => beginOf(window, all, t)
  return { value: meanings[feature.aggregate]({ feature, stream, rows, t: endOf(window, t), from }), rows: rows.length }
}
