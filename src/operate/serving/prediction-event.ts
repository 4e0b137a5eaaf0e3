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

/**
 * Writes logged predictions of a block as JSON, each by its place: the text of a `PredictionEvent`. The row that asked is not in it.
 *
 * What all have in common is written once: making objects of them and then their text took three times as long.
 */
export function createEventWriter(block: DecodedPredictions, withFeatures: boolean): (index: number) => string {
  const { model, version, digest, features, classes } = block.layout
  const head = `{"specversion":"1.0","id":`
  const common = {
    ...{ source: `/models/${encodeURIComponent(model)}`, type: 'trueline.prediction', subject: `${model}/${version}` },
  } satisfies Partial<PredictionEvent>
  const afterId = `,${membersOf(common)},"time":"`
  const afterTime = `","datacontenttype":"application/json","data":{${membersOf({ model, version, digest })},"t":"`
  const names = features.map((name, at) => `${at === 0 ? ',"features":{' : ','}${JSON.stringify(name)}:`)
  return (index) => {
    let text = `${head}${JSON.stringify(block.id(index))}${afterId}${formatTime(block.servedAt[index]!)}${afterTime}`
    text += `${formatTime(block.t[index]!)}","mode":${JSON.stringify(block.mode(index))},"score":${numberText(block.score[index]!)},`
    if (classes !== undefined) text += `${membersOf(classAnswer(classes, probabilitiesAt(block, index)))},`
    text += `"decision":${JSON.stringify(block.decision(index) ?? null)},`
    text += `"decided_by":${JSON.stringify(block.decidedBy(index) ?? null)},"latency_us":${block.latency[index]!}`
    if (withFeatures && features.length === 0) text += ',"features":{}'
    else if (withFeatures) {
      for (let at = 0; at < names.length; at += 1) text += names[at]! + numberText(block.values[at]![index]!)
      text += '}'
    }
    return `${text}}}`
  }
}

/** A number as JSON, null where it has none. */
function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null'
}

/** The members of an object as JSON, without its braces. */
function membersOf(value: object): string {
  return JSON.stringify(value).slice(1, -1)
}
