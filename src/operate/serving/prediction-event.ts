import { formatTime } from '../../core/time.ts'
import type { DecodedPredictions } from '../../stores/log/prediction-block.ts'
import { probabilitiesAt } from '../../stores/log/prediction-codec.ts'
import { type ClassAnswer, classAnswer } from './class-answer.ts'

/** A prediction as an event (CloudEvents 1.0, JSON format). Its source and id together are told once, or again. */
export interface PredictionEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: 'trueline.prediction'
  /** Model and version. */
  readonly subject: string
  /** When it was answered. */
  readonly time: string
  readonly datacontenttype: 'application/json'
  readonly data: Partial<ClassAnswer> & {
    readonly model: string
    readonly version: number
    readonly digest: string
    readonly t: string
    readonly mode: string
    readonly score: number | null
    readonly decision: string | null
    readonly decided_by: string | null
    readonly latency_us: number
    /** Values by name, null where there is none or it is masked. */
    readonly features?: Readonly<Record<string, number | null>>
  }
}

/** The media type of a batch of them. */
export const EVENT_BATCH_TYPE = 'application/cloudevents-batch+json'

/** A logged prediction as an event; the row that asked is not in it. */
export function predictionEvent(block: DecodedPredictions, index: number, withFeatures: boolean): PredictionEvent {
  const { model, version, digest, features, classes } = block.layout
  const shown = (value: number): number | null => (Number.isFinite(value) ? value : null)
  return {
    specversion: '1.0',
    id: block.id(index),
    source: `/models/${encodeURIComponent(model)}`,
    type: 'trueline.prediction',
    subject: `${model}/${version}`,
    time: formatTime(block.servedAt[index]!),
    datacontenttype: 'application/json',
    data: {
      ...{ model, version, digest, t: formatTime(block.t[index]!), mode: block.mode(index) },
      score: shown(block.score[index]!),
      ...classAnswer(classes, probabilitiesAt(block, index)),
      decision: block.decision(index) ?? null,
      decided_by: block.decidedBy(index) ?? null,
      latency_us: block.latency[index]!,
      ...(withFeatures
        ? { features: Object.fromEntries(features.map((name, at) => [name, shown(block.values[at]![index]!)])) }
        : {}),
    },
  }
}
