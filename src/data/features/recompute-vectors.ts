import { setImmediate } from 'node:timers/promises'
import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, VARCHAR } from '@duckdb/node-api'
import type { Schema, Value } from '../../core/data-type.ts'
import { NULL, VALUE } from '../../kernel/status.ts'
import type { ProjectDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import { createDictionary, type Dictionary } from '../../language/expr/dictionary.ts'
import { sqlName, sqlText } from '../../stores/lake/duckdb.ts'
import { eventsIn, lakeType } from '../../stores/lake/event-columns.ts'
import { type RevisedEvents, reviseEvents } from '../../stores/lake/revised-events.ts'
import { rowEncoder } from './encode-row.ts'
import { finishVectors } from './finish-vectors.ts'
import { replayFeatures } from './replay.ts'
import { replayTable } from './replay-table.ts'
import { sequencesOf, tableColumns, type VectorPlan, valuesOf } from './vector.ts'

/** Questions that were answered live, with what they saw. */
export interface RecordedQuestions {
  readonly length: number
  /** The asking rows as canonical JSON. */
  readonly rows: readonly string[]
  /** Microseconds. */
  readonly t: Float64Array
  /** For each sequence of the plan, the offset of the last event that was applied. */
  readonly offsets: readonly Float64Array[]
}

/** How the vectors of a model version are made. */
export interface VectorMeaning {
  readonly plan: VectorPlan
  readonly project: ProjectDefinition
  /** Of the asking rows. */
  readonly schema: Schema
}

/** Vectors in columns: one array an input. */
export interface RecomputedVectors {
  readonly values: readonly Float64Array[]
  readonly statuses: readonly Uint8Array[]
}

/**
 * Makes vectors again from the log's history, as of the positions that were recorded with them: what was served must
 * come out, bit for bit.
 * @param eventFiles paths of a stream's files in the lake, which reach at least to the recorded offsets
 * @param told a dictionary that the texts of vectors pass through, so that it knows their lasting codes
 */
export async function recomputeVectors(
  connection: DuckDBConnection,
  meaning: VectorMeaning,
  asked: RecordedQuestions,
  eventFiles: (stream: string) => readonly string[],
  told?: Dictionary,
): Promise<RecomputedVectors> {
  const dictionary = createDictionary()
  const { plan, schema } = meaning
  const planned = valuesOf(plan)
  const values: Float64Array[] = planned.map(() => new Float64Array(asked.length))
  const statuses: Uint8Array[] = planned.map(() => new Uint8Array(asked.length))
  await recomputeRowValues(meaning, asked, dictionary, values, statuses)
  await storeQuestions(connection, plan, schema, asked)
  const history: History = {
    connection,
    asked,
    dictionary,
    async of(stream, sequence) {
      const files = eventsIn(eventFiles(stream.name), stream.schema)
      const seen = `(SELECT * FROM ${files} WHERE _offset <= ${largest(asked.offsets[sequence]!)})`
      return await reviseEvents(connection, seen, stream.corrections.within, stream.name)
    },
  }
  await recomputeGroups(history, meaning, values, statuses)
  await recomputeTables(history, meaning, values, statuses)
  await connection.run(`DROP VIEW ${QUESTIONS}; DROP TABLE ${STORED}`)
  finishVectors(plan, dictionary, values, statuses)(asked.length)
  const { length } = plan.inputs
  const vectors = { values: values.slice(0, length), statuses: statuses.slice(0, length) }
  if (told !== undefined) tellTexts(plan, vectors, dictionary, told)
  return vectors
}

function tellTexts({ inputs }: VectorPlan, { values }: RecomputedVectors, from: Dictionary, told: Dictionary): void {
  for (const [input, { type }] of inputs.entries()) {
    if (type !== 'string') continue
    for (const value of values[input]!) {
      const text = from.textOf(value)
      if (text !== undefined) told.encodePassing(text)
    }
  }
}

/** What the questions are answered from. */
interface History {
  readonly connection: DuckDBConnection
  readonly asked: RecordedQuestions
  readonly dictionary: Dictionary
  /** The events of a stream as far as any question saw them, of a sequence of the plan. */
  of(stream: StreamDefinition, sequence: number): Promise<RevisedEvents>
}

async function recomputeGroups(
  history: History,
  { plan, project }: VectorMeaning,
  values: Float64Array[],
  statuses: Uint8Array[],
): Promise<void> {
  const { connection, asked, dictionary } = history
  for (const [group, { definition, rowColumns }] of plan.groups.entries()) {
    const { horizon, from } = definition
    const stream = project.streams[from]!
    const since = horizon === 'lifetime' ? '' : ` WHERE _event_time >= ${smallest(asked.t) - horizon}`
    const { events, supersession } = await history.of(stream, group)
    const output = await replayFeatures(connection, {
      definition,
      stream,
      entity: project.entities[definition.entity]!,
      dictionary,
      events: `(SELECT * FROM ${events}${since})`,
      ...visibility(supersession !== undefined, group),
      rowColumns,
      rows: asked.length,
      questionsAtOnce: QUESTIONS_AT_ONCE,
    })
    for (const [place, { source }] of valuesOf(plan).entries()) {
      if (source.kind !== 'feature' || source.group !== group) continue
      values[place] = output.values[source.index]!
      statuses[place] = output.statuses[source.index]!
    }
  }
}

async function recomputeTables(
  history: History,
  { plan, project }: VectorMeaning,
  values: Float64Array[],
  statuses: Uint8Array[],
): Promise<void> {
  const { connection, asked, dictionary } = history
  for (const [table, { definition, rowColumns }] of plan.tables.entries()) {
    const sequence = plan.groups.length + table
    const stream = project.streams[definition.name]!
    const { events, supersession } = await history.of(stream, sequence)
    const columns = tableColumns(valuesOf(plan), table)
    const output = await replayTable(connection, {
      ...{ definition, stream, dictionary, columns, events, rowColumns },
      ...visibility(supersession !== undefined, sequence),
      rows: asked.length,
    })
    for (const [place, { source }] of valuesOf(plan).entries()) {
      if (source.kind !== 'table' || source.table !== table) continue
      values[place] = output.values[columns.indexOf(source.column)]!
      statuses[place] = output.statuses[columns.indexOf(source.column)]!
    }
  }
}

/** Each question sees the rows up to the offset that was recorded with it, less those that are superseded there. */
function visibility(isRevised: boolean, sequence: number) {
  return {
    visibleAt: 'event._offset',
    ...(isRevised ? { hiddenAt: 'event._hidden_offset' } : {}),
    spine: QUESTIONS,
    time: '_t',
    cut: `_cut${sequence} + 1`,
  }
}

const STORED = '_stored_questions'
const QUESTIONS = '_questions'
const ROWS_OF_A_CHUNK = 2048
/** Rows that are read from one turn of the event loop to the next: a few milliseconds. */
const ROWS_AT_ONCE = 1024
const QUESTIONS_AT_ONCE = 4096

/** The questions as a table, and the columns that carry keys as a view over their JSON. */
async function storeQuestions(
  connection: DuckDBConnection,
  plan: VectorPlan,
  schema: Schema,
  asked: RecordedQuestions,
): Promise<void> {
  const cuts = sequencesOf(plan).map((_, sequence) => `_cut${sequence}`)
  await connection.run(
    `CREATE OR REPLACE TABLE ${STORED} (_ordinal BIGINT, _t DOUBLE, _row VARCHAR${cuts.map((cut) => `, ${cut} DOUBLE`).join('')})`,
  )
  const appender = await connection.createAppender(STORED)
  const types = [BIGINT, DOUBLE, VARCHAR, ...cuts.map(() => DOUBLE)]
  for (let start = 0; start < asked.length; start += ROWS_OF_A_CHUNK) {
    const end = Math.min(asked.length, start + ROWS_OF_A_CHUNK)
    const chunk = DuckDBDataChunk.create(types, end - start)
    const ordinals = Array.from({ length: end - start }, (_, index) => BigInt(start + index))
    const offsets = asked.offsets.map((column) => Array.from(column.subarray(start, end)))
    chunk.setColumns([ordinals, Array.from(asked.t.subarray(start, end)), asked.rows.slice(start, end), ...offsets])
    appender.appendDataChunk(chunk)
    // Each takes some milliseconds, and others have their turn in between.
    await setImmediate()
  }
  appender.closeSync()
  const keys = [...new Set([...plan.groups, ...plan.tables].flatMap(({ rowColumns }) => rowColumns))].map((name) => {
    const text = `json_extract_string(_row, ${sqlText(`$."${name.replaceAll('"', '\\"')}"`)})`
    return `, CAST(${text} AS ${lakeType(schema[name]!)}) AS ${sqlName(name)}`
  })
  await connection.run(
    `CREATE OR REPLACE VIEW ${QUESTIONS} AS SELECT _ordinal, _t${cuts.map((cut) => `, ${cut}`).join('')}${keys.join('')} FROM ${STORED}`,
  )
}

async function recomputeRowValues(
  { plan, schema }: VectorMeaning,
  asked: RecordedQuestions,
  dictionary: Dictionary,
  values: readonly Float64Array[],
  statuses: readonly Uint8Array[],
): Promise<void> {
  const names = Object.keys(schema)
  const read = valuesOf(plan).flatMap(({ source }, place) =>
    source.kind === 'row'
      ? [{ place, expression: source.expression, evaluate: compileExpression(source.expression, schema, dictionary) }]
      : [],
  )
  const encode = rowEncoder(schema, new Set(read.flatMap(({ expression }) => columnsOf(expression))), dictionary.encode)
  for (let row = 0; row < asked.length; row += 1) {
    const given = JSON.parse(asked.rows[row]!) as Record<string, Value>
    const columns = encode(names.map((name) => given[name] ?? null))
    for (const { place, evaluate } of read) {
      const value = evaluate(columns, 0)
      values[place]![row] = value
      statuses[place]![row] = Number.isNaN(value) ? NULL : VALUE
    }
    if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await setImmediate()
  }
}

function smallest(values: Float64Array): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), -1)
}
