import type { ErrorCode } from '../../core/error-codes.ts'
import { createEventReader } from '../../data/features/event-reader.ts'
import type { Judgement } from '../../data/features/ingest.ts'
import { maskedRow } from '../../data/quality/mask-row.ts'
import type { RowFault } from '../../data/quality/row-reader.ts'
import { isStreamed, predictionStreamName } from '../../language/define/prediction-stream.ts'
import type { PredictionObserver } from '../../operate/serving/model-serving.ts'
import { recordingOf } from '../../operate/serving/prediction-layout.ts'
import { askAgain, type ChangedRow } from '../../operate/serving/stream/ask-again.ts'
import { askedVersion } from '../../operate/serving/stream/asked-rows.ts'
import { consume, givesReasons, scoreRows, sourceOf, withReasons } from '../../operate/serving/stream/consumed.ts'
import { createQuestionReader } from '../../operate/serving/stream/question-reader.ts'
import { consumerOf } from '../../operate/serving/stream/stream-scorer.ts'
import type { DeadLetter } from '../../stores/log/dead-letter.ts'
import type { Parts } from './assemble-platform.ts'
import { reasoningOf } from './explaining.ts'
import { letterChange, type Manner } from './retry-letters.ts'

/** What became of a letter, or would, with the row that was tried as it may be shown. */
interface ScoredAgain {
  readonly letter: DeadLetter
  readonly shown: string
  readonly judgement: Judgement
}

type ScoringParts = Pick<
  Parts,
  | 'project'
  | 'log'
  | 'lake'
  | 'clock'
  | 'engine'
  | 'tables'
  | 'servings'
  | 'monitors'
  | 'streaming'
  | 'explaining'
  | 'protection'
>

const unobserved: PredictionObserver = { observe: () => undefined, failed: () => undefined }

/**
 * Tries letters of one stream and scope `scoring`.
 * @param change of the asking row; none for the row as it came
 * @param manner how they are tried; undefined to tell only what would become of them
 */
export type ScoreAgain = (
  letters: readonly DeadLetter[],
  change: RowChange | undefined,
  manner: Manner | undefined,
) => Promise<ScoredAgain[]>

type RowChange = (row: unknown) => ChangedRow

/**
 * Scores events that could not be scored by the version that serves now, each from its vector as of the log just before it.
 * What is scored is answered by a revision of the answer that was given for the event, or by its first one, committed together
 * with what becomes of the letters; the consumer stays where it stands. An event that has a prediction is a duplicate.
 */
export function createScoreAgain(parts: ScoringParts): ScoreAgain {
  return async (letters, change, manner) => {
    const found: ScoredAgain[] = []
    for (const [model, ofModel] of Map.groupBy(letters, (letter) => placeOf(letter).model))
      found.push(...(await scoreModel(parts, model, ofModel, change, manner)))
    return found.sort((a, b) => a.letter.number - b.letter.number)
  }
}

/** Where the event of a letter stands: its source names the model and the offset. */
function placeOf({ source = '' }: DeadLetter): { readonly model: string; readonly offset: number } {
  const at = source.lastIndexOf('@')
  return { model: source.slice(0, at), offset: Number(source.slice(at + 1)) }
}

async function scoreModel(
  parts: ScoringParts,
  name: string,
  letters: readonly DeadLetter[],
  change: RowChange | undefined,
  manner: Manner | undefined,
): Promise<ScoredAgain[]> {
  const { project, log, lake, clock, engine, tables, servings, monitors, streaming } = parts
  const model = project.models[name]
  const consumer = consumerOf(name)
  if (model === undefined || !isStreamed(model) || log.consumer(consumer) === undefined)
    return refuseAll('not_streamed', `Model '${name}' is not scored for the events of its stream.`)
  const served = servings.get(name)?.served
  if (served === undefined) return refuseAll('no_model_serving', `No version of '${name}' serves.`)
  const stream = createEventReader(project.streams[model.at]!)
  const answers = project.streams[predictionStreamName(name)]!
  const output = createEventReader(answers)
  const reader = createQuestionReader(served, stream.stream, { engine, tables })
  const version = askedVersion(served, reader, manner === undefined ? unobserved : monitors.observerOf(served))
  const offsets = [...new Set(letters.map((letter) => placeOf(letter).offset))].sort((a, b) => a - b)
  const again = await askAgain(lake, version, {
    ...{ offsets, stream, answers },
    ...(change === undefined ? {} : { change }),
  })
  await log.ready()
  const revisionOf = (position: number): number => (again.given.get(position)?.revision ?? -1) + 1
  const isAnswered = (offset: number): boolean => again.given.get(offset)?.isScored === true
  const scored = scoreRows(again.asked, clock)
  const explained = givesReasons(answers) ? await withReasons(again.asked, scored, reasoningOf(parts)) : scored
  const { classes } = model.label
  const consuming = { log, clock, output, classes, recording: recordingOf(project, name), revisionOf }
  const consumed = consume(consuming, again.asked, explained)
  const faults = new Map<string, RowFault>(consumed.rejected.map((one) => [one.source!, one]))
  for (const [offset, fault] of again.faults) faults.set(sourceOf(name, offset), fault)
  const settled = new Set<number>()
  const judged = letters.map((letter): ScoredAgain => {
    const { offset } = placeOf(letter)
    const row = again.changed.get(offset)
    const shown = row === undefined ? letter.row : maskedRow(row, stream.stream.schema).row
    const fault = faults.get(sourceOf(name, offset))
    const repeats = settled.has(offset) || isAnswered(offset)
    settled.add(offset)
    if (repeats && fault === undefined) return { letter, shown, judgement: { outcome: 'duplicate' } }
    return { letter, shown, judgement: fault === undefined ? { outcome: 'accepted' } : { outcome: 'rejected', fault } }
  })
  if (manner === undefined) return judged

  const { outputs, predictions } = consumed
  const accepted = judged.filter(({ judgement }) => judgement.outcome === 'accepted')
  const fallbacks = accepted.filter(({ letter }) => again.given.has(placeOf(letter).offset)).length
  const { offset, knownAt } = log.consumer(consumer)!
  const appended = log.commitConsumed({
    ...{ consumer, after: offset, offset, knownAt, predictions, rejected: [] },
    counts: {
      ...{ received: 0, passed: 0, scored: accepted.length, rejected: -accepted.length },
      fallbacks: -fallbacks,
    },
    outputs: { stream: answers.name, events: outputs.events() },
    retried: judged.map(({ letter, shown, judgement }) => letterChange(letter, judgement, shown, manner)),
  })
  if (outputs.length > 0) streaming.produced(outputs.batch(appended))
  await log.durable(appended.ticket)
  return judged

  function refuseAll(code: ErrorCode, reason: string): ScoredAgain[] {
    return letters.map((letter) => ({
      ...{ letter, shown: letter.row },
      judgement: { outcome: 'rejected', fault: { code, reason, path: name } },
    }))
  }
}
