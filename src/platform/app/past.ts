import type { Value } from '../../core/data-type.ts'
import { encodeKey } from '../../core/key.ts'
import { likeliest } from '../../core/math/likeliest.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'
import { type ClassOrder, classOrder } from '../../operate/monitoring/class-order.ts'
import type { Past, PastPrediction } from '../../operate/monitoring/model-monitor.ts'
import { LOAD_TEST_MODE } from '../../operate/serving/load-test-mode.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import type { DecodedPredictions } from '../../stores/log/prediction-block.ts'
import { probabilitiesAt } from '../../stores/log/prediction-codec.ts'
import type { MonitorParts } from './monitors.ts'
import type { OutcomeChange } from './outcome-reader.ts'

/**
 * What a monitor has to be told again after a restart, from the prediction log and the label's stream.
 * @param model as the project says now, by whose classes outcomes are numbered
 */
export function pastOf(
  { predictions, lake, project }: Pick<MonitorParts, 'predictions' | 'lake' | 'project'>,
  model: ModelDefinition,
  outcomesOf: (batch: EventBatch) => OutcomeChange[],
): Past {
  const { schema } = project.streams[model.at]!
  const { classes } = model.label
  const keyColumns = Object.keys(model.label.on)
  const types = keyColumns.map((column) => schema[column]!.type)
  return {
    async *predictions(from) {
      for await (const block of predictions.scan({ model: model.name, by: 'either', from, open: true })) {
        const inOrder = classOrder(block.layout.classes, classes)
        if (inOrder === undefined && classes !== block.layout.classes) continue
        for (let index = 0; index < block.length; index += 1) {
          if (block.t[index]! < from && block.servedAt[index]! < from) continue
          if (block.mode(index) === LOAD_TEST_MODE) continue
          const row = JSON.parse(block.rows[index]!) as Record<string, Value>
          const labelKey = encodeKey(
            types,
            keyColumns.map((column) => row[column] ?? null),
          )
          if (labelKey !== undefined) yield pastPrediction(block, index, labelKey, inOrder)
        }
      }
    },
    async *outcomes(from) {
      const files = lake.files(model.label.from)
      const inFile = files.find(({ lastEventTime }) => lastEventTime >= from)?.firstOffset
      const first = inFile ?? (files.at(-1)?.lastOffset ?? -1) + 1
      for await (const batch of lake.scanChanges(model.label.from, { from: first }))
        for (const { next } of outcomesOf(batch)) if (next !== undefined && next.eventTime >= from) yield next
    },
  }
}

function pastPrediction(
  block: DecodedPredictions,
  index: number,
  labelKey: string,
  inOrder: ClassOrder | undefined,
): PastPrediction {
  const own = probabilitiesAt(block, index)
  return {
    predictionId: block.id(index),
    labelKey,
    t: block.t[index]!,
    score: block.score[index]!,
    probabilities: own === undefined ? undefined : inOrder?.(own),
    likeliest: own === undefined ? undefined : likeliest(own, 0, own.length),
    version: block.layout.version,
    values: Float64Array.from(block.values, (column) => column[index]!),
    at: block.servedAt[index]!,
    latency: block.latency[index]!,
  }
}
