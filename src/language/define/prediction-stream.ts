import { MINUTE } from '../../core/time.ts'
import { t } from './column-types.ts'
import type { ModelDefinition, StreamDefinition } from './definitions.ts'
import { probabilityColumns } from './scored-columns.ts'
import { stream } from './stream.ts'

/** The name of the stream of what a model answers to the events of its stream. */
export function predictionStreamName(model: string): string {
  return `${model}_predictions`
}

/** The columns of such a stream. */
const schema = {
  /** Place of the event that asked in the log, and its id. */
  position: t.int({ min: 0 }),
  event: t.string(),
  asked_at: t.timestamp(),
  t: t.timestamp({ nullable: true }),
  /** Absent of an event that could not be scored, of which `error` is the code. */
  prediction: t.string({ nullable: true }),
  score: t.number({ nullable: true }),
  decision: t.string({ nullable: true }),
  decided_by: t.string({ nullable: true }),
  error: t.string({ nullable: true }),
  version: t.int({ min: 1 }),
}

/** Of models whose decisions are owed reasons: why it was decided so, as a text of JSON. */
const reasonsSchema = { ...schema, reasons: t.string({ nullable: true }) }

/** Of a model of several classes: the likeliest one, and a probability each. */
function classColumns(classes: readonly string[]) {
  const probability = t.number({ nullable: true, min: 0, max: 1 })
  return {
    class: t.string({ nullable: true }),
    ...Object.fromEntries(probabilityColumns(classes).map((name) => [name, probability])),
  }
}

/**
 * The stream of what a model answers to the events of its stream: one event for each that asked. The platform alone
 * writes to it; its event time is the moment at which the asking event became known.
 */
export function predictionStream({
  name,
  owner,
  serve,
  label: { classes },
}: Pick<ModelDefinition, 'name' | 'owner' | 'serve' | 'label'>): StreamDefinition {
  const ofScores = serve.adverse === undefined ? schema : reasonsSchema
  return {
    ...stream(predictionStreamName(name), {
      ...{
        schema: classes === undefined ? ofScores : { ...ofScores, ...classColumns(classes) },
        key: 'event',
        id: 'position',
        time: 'asked_at',
      },
      ...{ ahead: '0s', corrections: { within: '0s' } },
      ...(owner === undefined ? {} : { owner }),
      description: `What ${name} answers to the events of its stream.`,
    }),
    madeBy: name,
  }
}

/** Whether a model is scored for the events of its stream as they come. */
export function isStreamed({ serve }: Pick<ModelDefinition, 'serve'>): boolean {
  return serve.modes.includes('stream')
}

/** How long an event may wait to be scored unless the model says otherwise. */
export const DEFAULT_STREAM_LAG = 5 * MINUTE
