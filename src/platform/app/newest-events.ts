import type { VectorMeaning } from '../../data/features/recompute-vectors.ts'
import type { Window } from '../../language/define/definitions.ts'
import { openDuckdb, sqlName, sqlText } from '../../stores/lake/duckdb.ts'
import { lakeType } from '../../stores/lake/event-columns.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { Prediction } from '../../stores/log/prediction-block.ts'

/** Events in the window of a feature, as a prediction saw them. */
export interface TracedEvents {
  readonly total: number
  /** The latest by event time, newest first. */
  readonly newest: readonly { readonly offset: number; readonly id: string; readonly eventTime: number }[]
}

const MOST_NEWEST = 5

/**
 * Finds the events that each windowed feature of a prediction was made from.
 * @returns the events for a group of the plan and a feature of the group
 */
export async function newestEvents(
  lake: Lake,
  { plan, schema }: VectorMeaning,
  prediction: Prediction,
): Promise<(group: number, feature: number) => TracedEvents> {
  const row = JSON.parse(prediction.row) as Record<string, unknown>
  const found = new Map<string, TracedEvents>()
  const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder })
  try {
    for (const [group, { definition, rowColumns, features }] of plan.groups.entries()) {
      const files = lake.files(definition.from).map(({ path }) => sqlText(path))
      const offset = prediction.cut[group]?.offset ?? -1
      const keys = Object.values(definition.keys).map((column, index) => {
        const asking = rowColumns[index]!
        return `${sqlName(column)} = CAST(${sqlText(String(row[asking]))} AS ${lakeType(schema[asking]!)})`
      })
      for (const [feature, name] of features.entries()) {
        const from = windowStart(definition.select[name]!.window, prediction.t)
        const known = `_offset <= ${offset} AND _event_time < ${prediction.t}${from === undefined ? '' : ` AND _event_time >= ${from}`}`
        const where = [known, ...keys].join(' AND ')
        const key = `${group} ${feature}`
        if (files.length === 0) found.set(key, { total: 0, newest: [] })
        else
          found.set(
            key,
            await duckdb.withConnection(async (connection) => {
              const reader = await connection.runAndReadAll(
                `SELECT count(*) OVER (), _offset, _id, _event_time FROM read_parquet([${files.join(', ')}]) WHERE ${where}
                 ORDER BY _event_time DESC, _id DESC LIMIT ${MOST_NEWEST}`,
              )
              const rows = reader.getRows()
              return {
                total: Number(rows[0]?.[0] ?? 0),
                newest: rows.map(([, at, id, eventTime]) => ({
                  offset: Number(at),
                  id: String(id),
                  eventTime: Number(eventTime),
                })),
              }
            }),
          )
      }
    }
  } finally {
    duckdb.close()
  }
  return (group, feature) => found.get(`${group} ${feature}`) ?? { total: 0, newest: [] }
}

/** Where a window starts at t; undefined for one that has no start. */
function windowStart(window: Window, time: number): number | undefined {
  if (window.kind === 'lifetime') return undefined
  const start = time - window.length
  return window.kind === 'exact' ? start : Math.floor(start / window.hop) * window.hop
}
