import { type DuckDBConnection, DuckDBDataChunk, INTEGER, VARCHAR } from '@duckdb/node-api'
import type { DataType, Schema, Value } from '../../../core/data-type.ts'
import type { TruelineError } from '../../../core/errors.ts'
import { likeliest } from '../../../core/math/likeliest.ts'
import { allAtOnce } from '../../../core/slices.ts'
import type { ReplayThreads } from '../../../data/features/replay-threads.ts'
import { type EventsInSight, replayVectors } from '../../../data/features/replay-vectors.ts'
import { columnsAsked } from '../../../data/features/vector.ts'
import { givenDecimal } from '../../../data/quality/given-decimal.ts'
import { maskedRow } from '../../../data/quality/mask-row.ts'
import { madeColumns, probabilityColumns, type scoredColumns } from '../../../language/define/scored-columns.ts'
import { createDictionary } from '../../../language/expr/dictionary.ts'
import type { VectorExplainer } from '../../../models/inference/explain/vector-explainer.ts'
import type { ScoringThreads } from '../../../models/inference/scoring-threads.ts'
import type { JobEvents } from '../../../models/training/job-events.ts'
import { parquetFiles, sqlName, sqlText, streamChunks } from '../../../stores/lake/duckdb.ts'
import { withColumns } from '../../../stores/lake/typed-columns.ts'
import type { MonitoringReference } from '../../monitoring/reference.ts'
import { reasonTexts } from '../reason-texts.ts'
import { scoreFault } from '../score-fault.ts'
import type { ServedVersion } from '../served-version.ts'
import type { ColumnOutcomes, VectorScoring } from '../vector-scoring.ts'
import { countFigures, type PartFigures } from './part-figures.ts'
import { RejectedRows } from './rejected-rows.ts'

/** Threads that work for one part after the other. */
export interface PartThreads {
  readonly replay: ReplayThreads
  readonly scoring: ScoringThreads
}

/** What a part is scored by. */
export interface PartScoring {
  readonly served: ServedVersion
  readonly scoring: VectorScoring
  readonly threads: PartThreads
  /** What explains its scores, or why nothing does, where the output gives reasons. */
  readonly explainer: VectorExplainer | TruelineError | undefined
  /** Of the asking rows. */
  readonly schema: Schema
  /** Of what is written. */
  readonly output: Schema
  readonly eventsOf: (stream: string) => JobEvents
  readonly reference: MonitoringReference | undefined
  readonly run: string
  /** File of the rows that are scored. */
  readonly population: string
}

const SPINE = '_part'
const REASONS = '_part_reasons'
const SCORED = '_part_scored'
/** DuckDB's own unit of rows. */
const ROWS_OF_A_CHUNK = 2048

/**
 * Scores rows [from, to) of a staged population and writes the output of each to a Parquet file, in their order.
 * Rows whose score is no finite number are not among them, and stand in `rejects`.
 * @returns what was counted
 */
export async function scorePart(
  connection: DuckDBConnection,
  part: PartScoring,
  [from, to]: readonly [from: number, to: number],
  { path, rejects }: { readonly path: string; readonly rejects: string },
): Promise<PartFigures> {
  const { served, scoring, threads, schema, eventsOf } = part
  const { plan, project } = served
  const wanted = [...new Set([...columnsAsked(plan), ...scoring.rowColumns, ...rowColumnsOf(part)])]
  await connection.run(`CREATE OR REPLACE TABLE ${SPINE} AS
    SELECT _ordinal - ${from} AS _ordinal, _row, _t${wanted.map((name) => `, ${sqlName(name)}`).join('')}
    FROM ${parquetFiles([part.population])} WHERE _ordinal >= ${from} AND _ordinal < ${to}`)
  const bounds = await connection.runAndReadAll(`SELECT min(_t)::DOUBLE, max(_t)::DOUBLE FROM ${SPINE}`)
  const [earliest, latest] = bounds.getRows()[0] as [number, number]
  const dictionary = createDictionary()
  const { values, statuses } = await replayVectors(connection, {
    ...{ plan, project, schema, dictionary, spine: SPINE, rows: to - from, from: earliest, workers: threads.replay },
    inSight: (stream, of) => inSight(eventsOf(stream), of, latest),
  })
  const asked = await readAsked(connection, scoring.rowColumns, to - from)
  const outcomes = scoring.scoreColumns({
    rows: to - from,
    values,
    statuses,
    outputs: await threads.scoring.scoreColumns(values, to - from),
    ...(asked === undefined ? {} : { asked }),
  })
  if (part.explainer !== undefined)
    await setReasons(connection, allAtOnce(reasonTexts(served, part.explainer, values, outcomes)))
  await setScores(connection, part, outcomes)
  const writing = writePart(connection, part, outcomes, wanted, { path, rejects })
  // DuckDB's threads write while this one counts.
  const inputs = plan.inputs.map(({ name }, input) => ({ name, values: values[input]! }))
  const figures = countFigures(part.reference, inputs, outcomes, countDecisions(outcomes))
  return { ...figures, reasons: await writing }
}

/**
 * What all rows see: the events that counted at the moment as of which is scored. Each row sees those before its own t.
 * @param latest the last t: what lies behind it is not read
 */
function inSight({ counted }: JobEvents, of: 'features' | 'table', latest: number): EventsInSight {
  // A version that begins at the very moment t is valid then, and an event of that moment is not seen.
  if (of === 'table') return { events: counted, visibleAt: '0', cut: '1' }
  // One cut for all rows leaves no more to tell than the time, which is read anyway.
  const before = `(SELECT * FROM ${counted} WHERE _event_time < ${latest})`
  return { events: before, visibleAt: 'event._event_time', cut: '_t' }
}

function rowColumnsOf({ output, ...made }: Pick<PartScoring, 'output' | 'explainer' | 'served'>): string[] {
  const columns = madeBy(made)
  return Object.keys(output).filter((name) => !Object.hasOwn(columns, name))
}

function madeBy({ explainer, served }: Pick<PartScoring, 'explainer' | 'served'>): Schema {
  return madeColumns(explainer === undefined ? {} : { reasons: true }, served.model)
}

/** Puts the reasons of the rows of a part, in their order, into a table beside them. */
async function setReasons(connection: DuckDBConnection, texts: readonly string[]): Promise<void> {
  await connection.run(`CREATE OR REPLACE TABLE ${REASONS} (_reasons_at INTEGER, _reasons VARCHAR)`)
  const appender = await connection.createAppender(REASONS)
  for (let from = 0; from < texts.length; from += ROWS_OF_A_CHUNK) {
    const some = texts.slice(from, from + ROWS_OF_A_CHUNK)
    const chunk = DuckDBDataChunk.create([INTEGER, VARCHAR])
    chunk.setColumns([some.map((_, row) => from + row), some])
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

/** The columns that decisions depend on; undefined when there are none. */
async function readAsked(
  connection: DuckDBConnection,
  names: readonly string[],
  rows: number,
): Promise<Readonly<Record<string, ArrayLike<Value>>> | undefined> {
  if (names.length === 0) return undefined
  const columns = names.map((): Value[] => new Array(rows).fill(null))
  let row = 0
  const sql = `SELECT ${names.map(sqlName).join(', ')} FROM ${SPINE} ORDER BY _ordinal`
  for await (const chunk of streamChunks(connection, sql)) {
    for (const [index, column] of columns.entries()) {
      const given = chunk.getColumnValues(index)
      for (let at = 0; at < given.length; at += 1) {
        const value = given[at]
        column[row + at] = typeof value === 'bigint' ? Number(value) : (value as Value)
      }
    }
    row += chunk.rowCount
  }
  return Object.fromEntries(names.map((name, index) => [name, columns[index]!]))
}

/**
 * Puts outcomes beside the rows of a part, in a table: of a table all threads write files, of what comes from here one.
 * Both are in the order of ordinals.
 */
async function setScores(
  connection: DuckDBConnection,
  { served, explainer }: PartScoring,
  { scores, probabilities, codes }: ColumnOutcomes,
): Promise<void> {
  const columns = [
    { name: '_at', values: columnOf(scores.length, (row) => row) },
    { name: '_score', values: scores },
    { name: '_code', values: new Float64Array(codes) },
    ...classValues(served.model.label.classes ?? [], scores.length, probabilities),
  ]
  const reasons = explainer === undefined ? '' : ` POSITIONAL JOIN ${REASONS}`
  await withColumns(connection, columns, async (relation) => {
    const rows = `${SPINE} POSITIONAL JOIN ${relation}${reasons}`
    await connection.run(`CREATE OR REPLACE TABLE ${SCORED} AS SELECT * FROM ${rows}`)
  })
  await connection.run(`DROP TABLE ${SPINE}`)
}

async function writePart(
  connection: DuckDBConnection,
  { served, schema, output, explainer, run }: PartScoring,
  { scores, verdicts }: ColumnOutcomes,
  wanted: readonly string[],
  { path, rejects }: { readonly path: string; readonly rejects: string },
): Promise<Readonly<Record<string, number>>> {
  const { classes = [] } = served.model.label
  const verdict = (values: readonly (string | undefined)[]): string =>
    values.every((value) => value === undefined)
      ? 'NULL::VARCHAR'
      : `[${values.map((value) => (value === undefined ? 'NULL' : sqlText(value))).join(', ')}][_code::INTEGER + 1]`
  const expressions: Readonly<Record<keyof typeof scoredColumns, string>> = {
    t: 'make_timestamp(_t)',
    // A row beside another's score would be the worst of errors.
    score: `CASE WHEN _at = _ordinal THEN _score ELSE error('a score is not beside its row') END`,
    decision: verdict(verdicts.map(({ decision }) => decision)),
    decided_by: verdict(verdicts.map(({ decidedBy }) => decidedBy)),
    reason: verdict(verdicts.map(({ reason }) => reason?.code)),
    prediction_id: `${sqlText(`${run}-`)} || _row`,
    model: sqlText(served.model.name),
    version: `${served.version}::INTEGER`,
    digest: sqlText(served.digest),
    run_id: sqlText(run),
  }
  const all: Readonly<Record<string, string>> = {
    ...expressions,
    class: `[${classes.map(sqlText).join(', ')}][_class::INTEGER + 1]`,
    ...Object.fromEntries(probabilityColumns(classes).map((name, index) => [name, `_probability_${index}`])),
    reasons: `CASE WHEN _reasons_at = _ordinal THEN _reasons ELSE error('reasons are not beside their row') END`,
  }
  const given = rowColumnsOf({ output, explainer, served }).map((name) => `${shown(name, output)} AS ${sqlName(name)}`)
  const made = Object.keys(madeBy({ explainer, served })).map((name) => `${all[name]!} AS ${sqlName(name)}`)
  const selected = [...given, ...made]
  const isWhole = scores.every((score) => scoreFault(score) === undefined)
  await connection.run(`COPY (SELECT ${selected.join(', ')} FROM ${SCORED} ${isWhole ? '' : 'WHERE isfinite(_score)'})
    TO ${sqlText(path)} (FORMAT parquet, COMPRESSION zstd)`)
  if (isWhole) return {}
  const read = wanted.map((name) => plain(name, schema)).join(', ')
  const unscored = `SELECT _row::DOUBLE, _score, ${read} FROM ${SCORED} WHERE NOT isfinite(_score) ORDER BY _ordinal`
  return await rejectRows(connection, unscored, { names: wanted, schema, path: rejects })
}

/** Many times as fast as `Float64Array.from`, which asks an iterator. */
function columnOf(rows: number, of: (row: number) => number): Float64Array {
  const values = new Float64Array(rows)
  for (let row = 0; row < rows; row += 1) values[row] = of(row)
  return values
}

/** The place of the likeliest class of each row, and a column of probabilities a class. */
function classValues(
  classes: readonly string[],
  rows: number,
  probabilities: Float64Array | undefined,
): { readonly name: string; readonly values: Float64Array }[] {
  if (probabilities === undefined) return []
  const width = classes.length
  return [
    { name: '_class', values: columnOf(rows, (row) => likeliest(probabilities, row * width, width)) },
    ...classes.map((_, index) => ({
      name: `_probability_${index}`,
      values: columnOf(rows, (row) => probabilities[row * width + index]!),
    })),
  ]
}

/** Sets rows aside whose score is none. @returns how many, by code */
async function rejectRows(
  connection: DuckDBConnection,
  sql: string,
  { names, schema, path }: { readonly names: readonly string[]; readonly schema: Schema; readonly path: string },
): Promise<Readonly<Record<string, number>>> {
  const rejected = await RejectedRows.create(path)
  try {
    for await (const chunk of streamChunks(connection, sql)) {
      for (const [ordinal, score, ...values] of chunk.getRows() as [number, number, ...Value[]][]) {
        const row = Object.fromEntries(names.map((name, index) => [name, asGiven(values[index]!, schema[name]!)]))
        rejected.add({ ordinal, ...scoreFault(score)!, ...maskedRow(row, schema) })
      }
      await rejected.flush()
    }
    return rejected.reasons
  } finally {
    await rejected.close()
  }
}

/** A value as a request has it. */
function asGiven(value: Value, { type, scale = 0 }: DataType): Value {
  return type === 'decimal' && typeof value === 'number' ? givenDecimal(value, scale) : value
}

/** A column of the lake as JavaScript has it: decimals in units. */
function plain(name: string, schema: Schema): string {
  const { type } = schema[name]!
  return type === 'string' || type === 'bool' ? sqlName(name) : `${sqlName(name)}::DOUBLE`
}

/** A column of the lake as people's tools read it: times as such, decimals with their point. */
function shown(name: string, output: Schema): string {
  const { type, scale = 0 } = output[name]!
  if (type === 'timestamp') return `make_timestamp(${sqlName(name)})`
  if (type !== 'decimal') return sqlName(name)
  // Quotients are doubles, which lie further apart than large decimals do.
  const one = scale === 0 ? '' : ` * ${(10 ** -scale).toFixed(scale)}::DECIMAL(${scale}, ${scale})`
  return `(${sqlName(name)}::DECIMAL(16, 0)${one})::DECIMAL(18, ${scale})`
}

function countDecisions({ scores, codes, verdicts }: ColumnOutcomes): Record<string, number> {
  const counts = new Float64Array(verdicts.length)
  for (let row = 0; row < codes.length; row += 1) if (scoreFault(scores[row]!) === undefined) counts[codes[row]!]! += 1
  const decisions: Record<string, number> = {}
  for (const [code, { decision }] of verdicts.entries())
    if (decision !== undefined) decisions[decision] = (decisions[decision] ?? 0) + counts[code]!
  return decisions
}
