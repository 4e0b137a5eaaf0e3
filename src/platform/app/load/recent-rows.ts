import type { Value } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import { givenDecimal } from '../../../data/quality/given-decimal.ts'
import { usedColumns } from '../../../operate/serving/used-columns.ts'
import { type EventBatch, valueAt } from '../../../stores/log/event-batch.ts'
import type { Parts } from '../assemble-platform.ts'
import { versionServing } from '../predicting.ts'

type Row = Readonly<Record<string, Value>>

/**
 * The newest rows of the stream that asks a model, as a request for predictions has them, oldest first. All of them ask about
 * now, as callers do: older questions may be answered from the history, which is another load.
 * @throws TruelineError `unknown_model`, `unknown_version`; `no_rows_to_ask` where there is none, or rows have sensitive values, which the
 *   API never shows
 */
export async function recentRows(
  { project, lake, servings, clock }: Pick<Parts, 'project' | 'lake' | 'servings' | 'clock'>,
  model: string,
  limit: number,
): Promise<readonly Row[]> {
  const served = versionServing(servings, model)
  const { at, time } = served.model
  const { name, schema } = project.streams[at]!
  const used = usedColumns(served.model, served.plan)
  const sensitive = Object.keys(schema).find((column) => used.has(column) && schema[column]!.sensitive === true)
  if (sensitive !== undefined)
    throw new TruelineError(
      'no_rows_to_ask',
      `'${sensitive}' of ${name} is sensitive: its values are shown to nobody.`,
      {
        path: sensitive,
      },
    )
  let rows: Row[] = []
  // The newest file and what is in no file yet have enough, as a rule.
  for (const from of [lake.files(name).at(-1)?.firstOffset ?? 0, 0]) {
    rows = []
    for await (const batch of lake.scanEvents(name, { from })) {
      for (let index = Math.max(0, batch.length - limit); index < batch.length; index += 1)
        rows.push(rowOf(batch, index))
      rows = rows.slice(-limit)
    }
    if (rows.length >= limit || from === 0) break
  }
  if (rows.length === 0) throw new TruelineError('no_rows_to_ask', `${name} has no rows.`)
  return rows

  function rowOf(batch: EventBatch, index: number): Row {
    const values = Object.entries(schema).flatMap(([column, { type, scale = 0 }], place): [string, Value][] => {
      if (!used.has(column)) return []
      if (column === time) return [[column, clock.now()]]
      const value = valueAt(batch.columns[place]!, index, type)
      return [[column, type === 'decimal' && value !== null ? givenDecimal(Number(value), scale) : value]]
    })
    return Object.fromEntries(values)
  }
}
