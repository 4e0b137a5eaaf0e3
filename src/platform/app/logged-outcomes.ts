import { BIGINT, DuckDBDataChunk, VARCHAR } from '@duckdb/node-api'
import { joinLabels } from '../../models/training/join-labels.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import { createVectorScoring } from '../../operate/serving/vector-scoring.ts'
import { openDuckdb, sqlName, sqlText } from '../../stores/lake/duckdb.ts'
import { eventsIn, lakeType } from '../../stores/lake/event-columns.ts'
import { countedAt, reviseEvents } from '../../stores/lake/revised-events.ts'
import type { DecodedPredictions } from '../../stores/log/prediction-block.ts'
import { probabilitiesAt } from '../../stores/log/prediction-codec.ts'
import type { Parts } from './assemble-platform.ts'

/** Rows that were asked about, as JSON, and their t in microseconds. */
export interface AskedRows {
  readonly rows: readonly string[]
  readonly t: readonly number[]
}

/** The outcome of each row that is in the files of the lake and known by now; NaN where there is none. */
export async function outcomesOfRows(
  { lake, project, clock }: Pick<Parts, 'lake' | 'project' | 'clock'>,
  model: string,
  asked: AskedRows,
): Promise<Float64Array> {
  const { label } = project.models[model]!
  const files = lake.files(label.from).map(({ path }) => path)
  const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder, memory: '2GB' })
  try {
    const { labels } = await duckdb.withConnection(async (connection) => {
      await connection.run('CREATE TABLE _asked (_ordinal BIGINT, _t BIGINT, _row VARCHAR)')
      const appender = await connection.createAppender('_asked')
      for (let start = 0; start < asked.t.length; start += 2048) {
        const end = Math.min(asked.t.length, start + 2048)
        const chunk = DuckDBDataChunk.create([BIGINT, BIGINT, VARCHAR], end - start)
        const ordinals = Array.from({ length: end - start }, (_, index) => BigInt(start + index))
        chunk.setColumns([ordinals, asked.t.slice(start, end).map(BigInt), asked.rows.slice(start, end)])
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
        rows: asked.t.length,
      })
    })
    return labels
  } finally {
    duckdb.close()
  }
}

/** What a version says of a logged row. */
export interface Rescored {
  readonly score: number
  /** Of a model of several classes one for each of its own, in their order; they hold until the next row. */
  readonly probabilities: Float64Array | undefined
}

/**
 * Scores the rows of a block by another version than the one that served them, from the vectors that were logged; inputs
 * that were not read then are scored as if they were missing.
 */
export function rescorer(block: DecodedPredictions, served: ServedVersion): (index: number) => Rescored {
  const { plan, version } = served
  if (block.layout.version === version)
    return (index) => ({ score: block.score[index]!, probabilities: probabilitiesAt(block, index) })
  const columns = plan.inputs.map(({ name }) => block.values[block.layout.features.indexOf(name)])
  const vector = new Float64Array(columns.length)
  const scoring = createVectorScoring(served)
  return (index) => {
    for (let input = 0; input < columns.length; input += 1) vector[input] = columns[input]?.[index] ?? Number.NaN
    return scoring.score(vector, undefined)
  }
}
