import { BIGINT, DuckDBDataChunk, VARCHAR } from '@duckdb/node-api'
import { joinLabels } from '../../models/training/join-labels.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import { createVectorScoring } from '../../operate/serving/vector-scoring.ts'
import { auc } from '../../stats/metrics/auc.ts'
import { openDuckdb, sqlName, sqlText } from '../../stores/lake/duckdb.ts'
import { eventsIn, lakeType } from '../../stores/lake/event-columns.ts'
import { countedAt, reviseEvents } from '../../stores/lake/revised-events.ts'
import type { DecodedPredictions } from '../../stores/log/prediction-block.ts'
import type { Parts } from '../app/assemble-platform.ts'
import type { Month } from './months.ts'

/** How well three models would have done on the predictions of a month, by the outcomes that came. */
export interface MonthScores {
  readonly rows: number
  readonly labelled: number
  /** The first full model, never retrained. */
  readonly stale: number | undefined
  /** Whatever served. */
  readonly served: number | undefined
  /** The model without windowed features. */
  readonly baseline: number | undefined
}

/** Scores of a month's predictions, and what they were about. */
interface Collected {
  readonly rows: string[]
  readonly t: number[]
  readonly served: number[]
  readonly stale: number[]
  readonly baseline: number[]
}

/**
 * Reads back a month of the prediction log, scores the logged vectors with the two other models, and joins the outcomes
 * that are known by now. Vectors of versions that lack an input of the stale model are scored as if it were missing.
 */
export async function scoreMonth(
  { predictions, lake, project, clock }: Parts,
  model: string,
  month: Month,
  stale: ServedVersion,
  baseline: ServedVersion,
): Promise<MonthScores> {
  const collected: Collected = { rows: [], t: [], served: [], stale: [], baseline: [] }
  for await (const block of predictions.scan({ model, by: 't', from: month.from, to: month.to, open: true })) {
    const ofStale = rescorer(block, stale)
    const ofBaseline = rescorer(block, baseline)
    for (let index = 0; index < block.length; index += 1) {
      const t = block.t[index]!
      if (t < month.from || t >= month.to) continue
      collected.rows.push(block.rows[index]!)
      collected.t.push(t)
      collected.served.push(block.score[index]!)
      collected.stale.push(ofStale(index))
      collected.baseline.push(ofBaseline(index))
    }
  }
  const { label } = project.models[model]!
  const files = lake.files(label.from).map(({ path }) => path)
  const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder, memory: '2GB' })
  try {
    const { labels } = await duckdb.withConnection(async (connection) => {
      await connection.run('CREATE TABLE _asked (_ordinal BIGINT, _t BIGINT, _row VARCHAR)')
      const appender = await connection.createAppender('_asked')
      for (let start = 0; start < collected.t.length; start += 2048) {
        const end = Math.min(collected.t.length, start + 2048)
        const chunk = DuckDBDataChunk.create([BIGINT, BIGINT, VARCHAR], end - start)
        const ordinals = Array.from({ length: end - start }, (_, index) => BigInt(start + index))
        chunk.setColumns([ordinals, collected.t.slice(start, end).map(BigInt), collected.rows.slice(start, end)])
        appender.appendDataChunk(chunk)
      }
      appender.closeSync()
      const { schema } = project.streams[project.models[model]!.at]!
      const keys = Object.keys(label.on).map(
        (name) =>
          `CAST(json_extract_string(_row, ${sqlText(`$."${name}"`)}) AS ${lakeType(schema[name]!)}) AS ${sqlName(name)}`,
      )
      await connection.run(`CREATE VIEW _spine AS SELECT _ordinal, _t, ${keys.join(', ')} FROM _asked`)
      const outcomes = project.streams[label.from]!
      const events = eventsIn(files, outcomes.schema)
      const revised = await reviseEvents(connection, events, outcomes.corrections.within, label.from)
      return await joinLabels(connection, {
        label,
        stream: outcomes,
        spine: '_spine',
        events: countedAt(revised, clock.now()),
        cut: clock.now(),
        rows: collected.t.length,
      })
    })
    return summarize(collected, labels)
  } finally {
    duckdb.close()
  }
}

/** Scores the rows of a block by another model than the one that served them. */
function rescorer(block: DecodedPredictions, served: ServedVersion): (index: number) => number {
  const { plan, version } = served
  if (block.layout.version === version) return (index) => block.score[index]!
  const columns = plan.inputs.map(({ name }) => block.values[block.layout.features.indexOf(name)])
  const vector = new Float64Array(columns.length)
  const scoring = createVectorScoring(served)
  return (index) => {
    for (let input = 0; input < columns.length; input += 1) vector[input] = columns[input]?.[index] ?? Number.NaN
    return scoring.score(vector, undefined).score
  }
}

function summarize(collected: Collected, labels: Float64Array): MonthScores {
  const kept: number[] = []
  for (let row = 0; row < labels.length; row += 1) if (!Number.isNaN(labels[row]!)) kept.push(row)
  const truth = Float64Array.from(kept, (row) => labels[row]!)
  const of = (scores: readonly number[]): number | undefined =>
    auc(
      truth,
      Float64Array.from(kept, (row) => scores[row]!),
    )
  return {
    rows: labels.length,
    labelled: kept.length,
    stale: of(collected.stale),
    served: of(collected.served),
    baseline: of(collected.baseline),
  }
}
