import type { Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { parseTime } from '../../core/time.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { MASK } from '../../data/quality/mask-row.ts'
import { statusNames, VALUE } from '../../kernel/status.ts'
import { classAnswer } from '../../operate/serving/class-answer.ts'
import type {
  DecodedPredictions,
  Prediction,
  PredictionLayout,
  PredictionPosition,
} from '../../stores/log/prediction-block.ts'
import { predictionAt } from '../../stores/log/prediction-codec.ts'
import type { Lane } from '../../stores/predictions/predictions.ts'
import { hasValue, type RowValue } from '../../stores/predictions/row-value.ts'
import type {
  LoggedPrediction,
  LoggedPredictionPage,
  LoggedPredictionQuery,
  PredictionLogState,
} from '../api/prediction-log-answers.ts'
import { askedValue, unitsText } from './asked-value.ts'
import type { Parts } from './assemble-platform.ts'
import { readPrediction, settle } from './recorded.ts'

/** Of whole rows, some seconds of reading. */
const SEARCH_ROWS = 262_144
const START: PredictionPosition = { sequence: 0, place: -1 }

/**
 * A page of what was logged: the newest first, or version by version in the order of the log.
 * @param searchRows in the order of the log a page looks through so many, by whole blocks
 * @throws TruelineError `unknown_model`; `invalid_arguments` for an `after` that no page gave
 */
export async function pagePredictions(
  parts: Parts,
  query: LoggedPredictionQuery,
  searchRows = SEARCH_ROWS,
): Promise<LoggedPredictionPage> {
  const { predictions, project } = parts
  const { model, version, decision, from, to, after, limit = 100, features = false, order = 'newest' } = query
  if (model !== undefined && project.models[model] === undefined)
    throw unknownName('unknown_model', 'model', model, Object.keys(project.models))
  await settle(parts)
  if (order === 'newest') return await newestPage(parts, query)
  const row = rowValueOf(parts, query)
  const begin = after === undefined ? undefined : cursorOf(after)
  const lanes = predictions
    .lanes(0)
    .filter((lane) => (model ?? lane.model) === lane.model && (version ?? lane.version) === lane.version)
    .sort(compareLanes)
    .filter((lane) => begin === undefined || compareLanes(lane, begin.lane) >= 0)
  const found: LoggedPrediction[] = []
  let last: string | undefined
  let looked = 0
  for (const lane of lanes) {
    const start = begin !== undefined && compareLanes(lane, begin.lane) === 0 ? begin.position : START
    const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
    for await (const block of predictions.after(lane, start, { by: 'servedAt', ...range })) {
      for (let index = 0; index < block.length; index += 1) {
        if (!isMeant(block, index, start, query)) continue
        if (decision !== undefined && block.decision(index) !== decision) continue
        if (row !== undefined && !(row.mayLook(block.layout) && hasValue(block.rows[index]!, row))) continue
        if (found.length === limit) return { predictions: found, next: last! }
        last = endAt(lane, block.position(index))
        found.push(loggedPrediction(parts, predictionAt(block, index), features))
      }
      // The block that the page before ended in comes again: it counts once, or no page would get past it.
      if (!isAfter(block.position(block.length - 1), start)) continue
      looked += block.length
      // What hardly any row has is looked for in so many at a time.
      if (looked >= searchRows)
        return {
          ...{ predictions: found, next: endAt(lane, block.position(block.length - 1)) },
          searched_to: block.servedAt[block.length - 1]!,
        }
    }
  }
  return { predictions: found }
}

async function newestPage(parts: Parts, query: LoggedPredictionQuery): Promise<LoggedPredictionPage> {
  const { model, version, decision, from, to, after, limit = 100, features = false } = query
  const row = rowValueOf(parts, query)
  const { found, looked } = await parts.predictions.newest({
    ...(row === undefined ? {} : { row }),
    ...(after === undefined ? {} : { before: placeOf(after) }),
    ...(model === undefined ? {} : { model }),
    ...(version === undefined ? {} : { version }),
    ...(decision === undefined ? {} : { decision }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    // One more tells whether there is another page.
    limit: limit + 1,
  })
  const page = found.slice(0, limit)
  const last = found.length > limit ? page.at(-1)?.position : looked?.to
  return {
    predictions: page.map(({ prediction }) => loggedPrediction(parts, prediction, features)),
    ...(last === undefined ? {} : { next: `${last.sequence}.${last.place}` }),
    ...(found.length > limit || looked === undefined ? {} : { searched_to: looked.since }),
  }
}

/** One prediction as it was logged, with its features. */
export async function showPrediction(parts: Parts, id: string): Promise<LoggedPrediction> {
  await settle(parts)
  return loggedPrediction(parts, await readPrediction(parts, id), true)
}

/** How the log of predictions stands. */
export function predictionLogState({ predictions, servings, shed, unsampled, sink, clock }: Parts): PredictionLogState {
  const { log, lake, removed } = predictions.state()
  const now = clock.now()
  const since = (time: number | undefined): number => Math.max(0, now - (time ?? now))
  return {
    ...{ log, lake, removed },
    models: Array.from(servings, ([model, { oldestPending }]) => ({
      ...{ model, shed: shed.count(model), unsampled: unsampled.count(model), lag: since(oldestPending) },
    })),
    ...(sink === undefined ? {} : { sink: { ...sink.state, lag: since(sink.state.oldest) } }),
  }
}

function isMeant(
  block: DecodedPredictions,
  index: number,
  start: PredictionPosition,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: LoggedPredictionQuery,
): boolean {
  const servedAt = block.servedAt[index]!
  return isAfter(block.position(index), start) && servedAt >= from && servedAt < to
}

function isAfter({ sequence, place }: PredictionPosition, start: PredictionPosition): boolean {
  return sequence > start.sequence || (sequence === start.sequence && place > start.place)
}

/** What rows must have; undefined where nothing is asked for. */
function rowValueOf({ project }: Parts, { model, entity }: LoggedPredictionQuery): RowValue | undefined {
  if (entity === undefined) return undefined
  const end = entity.indexOf('=')
  const [column, value] = [entity.slice(0, end), entity.slice(end + 1)]
  const models = model === undefined ? Object.keys(project.models) : [model]
  const schemas = models.map((name) => schemaOf(project, name))
  const names = [...new Set(schemas.flatMap(Object.keys))]
  if (!names.includes(column)) throw unknownName('unknown_column', 'column', column, names)
  const isTime = schemas.some((schema) => schema[column]?.type === 'timestamp')
  const decimal = schemas.map((schema) => schema[column]).find((type) => type?.type === 'decimal')
  const plain = decimal === undefined ? value : unitsText(value, decimal)
  return {
    column,
    value: isTime ? String(parseTime(value)) : plain,
    mayLook: (layout) => !isHidden(project, layout, column),
  }
}

function schemaOf({ models, streams }: Parts['project'], model: string): Schema {
  const { at } = models[model] ?? {}
  return at === undefined ? {} : (streams[at]?.schema ?? {})
}

/** What was logged before its column was called sensitive is not masked, and is not shown. */
function isHidden(
  project: Parts['project'],
  { model, masks }: Pick<PredictionLayout, 'model' | 'masks'>,
  column: string,
): boolean {
  return schemaOf(project, model)[column]?.sensitive === true && masks?.columns[column] === undefined
}

function loggedPrediction({ project }: Parts, prediction: Prediction, features: boolean): LoggedPrediction {
  const { layout, values, statuses, score } = prediction
  const schema = schemaOf(project, layout.model)
  const row = Object.entries(JSON.parse(prediction.row) as Record<string, unknown>)
  const shown = (value: number): number | null => (Number.isFinite(value) ? value : null)
  return {
    ...{ prediction_id: prediction.id, model: layout.model, version: layout.version, digest: layout.digest },
    ...{ t: prediction.t, served_at: prediction.servedAt, mode: prediction.mode },
    row: Object.fromEntries(
      row.map(([name, value]) => {
        const isMasked = value !== null && isHidden(project, layout, name)
        return [name, isMasked ? MASK : askedValue(value, schema[name])]
      }),
    ),
    times: Object.keys(schema).filter((name) => schema[name]!.type === 'timestamp'),
    score: shown(score),
    ...classAnswer(layout.classes, prediction.probabilities),
    ...(prediction.decision === undefined ? {} : { decision: prediction.decision }),
    ...(prediction.decidedBy === undefined ? {} : { decided_by: prediction.decidedBy }),
    latency_us: prediction.latency,
    ...(features
      ? {
          features: Object.fromEntries(
            layout.features.map((name, index) => {
              const status = statusNames[statuses[index] ?? VALUE]!
              return [name, { value: shown(values[index]!), status }]
            }),
          ),
        }
      : {}),
  }
}

function compareLanes(a: Lane, b: Lane): number {
  return a.model === b.model ? a.version - b.version : a.model < b.model ? -1 : 1
}

function endAt({ version, model }: Lane, { sequence, place }: PredictionPosition): string {
  return `${version}.${sequence}.${place}.${model}`
}

function cursorOf(text: string): { readonly lane: Lane; readonly position: PredictionPosition } {
  const [, version, sequence, place, model] = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.(.+)$/s.exec(text) ?? []
  if (model === undefined) throw noEnd(text)
  const position = { sequence: Number(sequence), place: Number(place) }
  return { lane: { model, version: Number(version) }, position }
}

function placeOf(text: string): PredictionPosition {
  const [, sequence, place] = /^(\d{1,15})\.(\d{1,15})$/.exec(text) ?? []
  if (place === undefined) throw noEnd(text)
  return { sequence: Number(sequence), place: Number(place) }
}

function noEnd(text: string): TruelineError {
  return new TruelineError('invalid_arguments', `'${text}' is not the end of a page in this order.`, { path: 'after' })
}
