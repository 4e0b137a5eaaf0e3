import type { Value } from '../../core/data-type.ts'
import { encodeKey } from '../../core/key.ts'
import { likeliest } from '../../core/math/likeliest.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'
import { type ClassOrder, classOrder } from '../../operate/monitoring/class-order.ts'
import type { OutcomeChange, Past, PastPrediction } from '../../operate/monitoring/model-monitor.ts'
import { LOAD_TEST_MODE } from '../../operate/serving/load-test-mode.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import type { DecodedPredictions } from '../../stores/log/prediction-block.ts'
import { probabilitiesAt } from '../../stores/log/prediction-codec.ts'
import type { MonitorParts } from './monitors.ts'

/** The past of a model, which is read while more of it comes. */
export interface GrowingPast extends Past {
  /** Whether a batch of the label's stream that is accepted now is read as past, too, or was; whoever hears of it is told then. */
  isRead(batch: EventBatch): boolean
}

/**
 * What a monitor has to be told again after a restart, from the prediction log and the label's stream: predictions from
 * before this call, and outcomes up to the end of reading.
 * @param model as the project says now, by whose classes outcomes are numbered
 */
export function pastOf(
  { predictions, lake, log, project }: Pick<MonitorParts, 'predictions' | 'lake' | 'log' | 'project'>,
  model: ModelDefinition,
  outcomesOf: (batch: EventBatch) => Iterable<OutcomeChange>,
): GrowingPast {
  const { lastSequence } = predictions.state()
  const begun = log.nextOffset
  /** Of a row no more is looked at: to open others takes as long as all else. */
  const keyColumns = Object.keys(model.label.on)
  /** The outcomes below this offset are read as past; all are until their reading has come to its end. */
  let end = Number.POSITIVE_INFINITY
  const { from: stream } = model.label

  function* since(from: number, batch: EventBatch): Generator<OutcomeChange> {
    for (const { next } of outcomesOf(batch)) if (next !== undefined && next.eventTime >= from) yield { next }
  }

  return {
    answers: ({ version, ...range }, tell) =>
      predictions.answers(
        { model: model.name, version, ...range, through: lastSequence, without: [LOAD_TEST_MODE] },
        tell,
      ),
    async isAsked(first, to) {
      const rowsOf = createRowReader(model, project, first, lastSequence)
      for await (const block of predictions.scan({ model: model.name, by: 't', from: first, to, open: keyColumns })) {
        for (const { t, labelKey } of rowsOf(block)) if (t >= first && t < to && labelKey !== undefined) return true
        block.release()
      }
      return false
    },
    isRead: ({ offset, length }) => offset[length - 1]! < end,
    async *predictions(from) {
      const rowsOf = createRowReader(model, project, from, lastSequence)
      const blocks = predictions.scan({ model: model.name, by: 'either', from, open: keyColumns })
      for await (const block of blocks) {
        yield rowsOf(block)
        block.release()
      }
    },
    async *outcomes(from) {
      const files = lake.files(stream)
      const inFile = files.find(({ lastEventTime }) => lastEventTime >= from)?.firstOffset
      const first = inFile ?? (files.at(-1)?.lastOffset ?? -1) + 1
      if (first < begun)
        for await (const batch of lake.scanChanges(stream, { from: first, to: begun - 1 })) yield since(from, batch)
      let next = begun
      while (next < log.nextOffset) {
        const to = log.nextOffset - 1
        for await (const batch of lake.scanChanges(stream, { from: next, to })) yield outcomesOf(batch)
        next = to + 1
      }
      end = next
    },
  }
}

/** Reads past predictions out of blocks, one at a time: the block must be there until all are read. */
function createRowReader(
  model: ModelDefinition,
  project: MonitorParts['project'],
  from: number,
  lastSequence: number,
): (block: DecodedPredictions) => Iterable<PastPrediction> {
  const { schema } = project.streams[model.at]!
  const { classes } = model.label
  const keyColumns = Object.keys(model.label.on)
  const types = keyColumns.map((column) => schema[column]!.type)
  /** Of the prediction that was read last. */
  let vector = new Float64Array(0)

  function vectorAt({ values }: DecodedPredictions, index: number): Float64Array {
    if (vector.length !== values.length) vector = new Float64Array(values.length)
    for (let column = 0; column < values.length; column += 1) vector[column] = values[column]![index]!
    return vector
  }

  return function* rowsOf(block) {
    const inOrder = classOrder(block.layout.classes, classes)
    if (inOrder === undefined && classes !== block.layout.classes) return
    for (let index = 0; index < block.length; index += 1) {
      if (block.t[index]! < from && block.servedAt[index]! < from) continue
      if (block.mode(index) === LOAD_TEST_MODE || block.position(index).sequence > lastSequence) continue
      const row = JSON.parse(block.rows[index]!) as Record<string, Value>
      const labelKey = encodeKey(
        types,
        keyColumns.map((column) => row[column] ?? null),
      )
      yield { ...pastPrediction(block, index, labelKey, inOrder), values: () => vectorAt(block, index) }
    }
  }
}

function pastPrediction(
  block: DecodedPredictions,
  index: number,
  labelKey: string | undefined,
  inOrder: ClassOrder | undefined,
): Omit<PastPrediction, 'values'> {
  const own = probabilitiesAt(block, index)
  return {
    predictionId: block.id(index),
    labelKey,
    t: block.t[index]!,
    score: block.score[index]!,
    probabilities: own === undefined ? undefined : inOrder?.(own),
    likeliest: own === undefined ? undefined : likeliest(own, 0, own.length),
    version: block.layout.version,
    at: block.servedAt[index]!,
    latency: block.latency[index]!,
  }
}
