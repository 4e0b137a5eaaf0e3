import { asTruelineError, TruelineError } from '../../core/errors.ts'
import type { EngineGroup } from '../../data/features/feature-engine.ts'
import { freshnessOf, isDegraded } from '../../data/features/freshness.ts'
import { sequencesOf } from '../../data/features/vector.ts'
import { classAnswer } from '../../operate/serving/class-answer.ts'
import type {
  Answered,
  AnsweredRow,
  LateRow,
  ModelServing,
  PresentVersion,
} from '../../operate/serving/model-serving.ts'
import type { PredictAnswer, PredictionAnswer, PredictOptions, ScoredAnswer } from '../api/prediction-answers.ts'
import type { RowList } from '../api/row-list.ts'
import type { Parts } from './assemble-platform.ts'
import { explainRows } from './explain-rows.ts'
import type { Explaining } from './explaining.ts'
import { inTime } from './in-time.ts'
import type { PastVectors } from './past-vectors.ts'
import { meaningOf, readingsOf } from './predicting.ts'

/** What rows are answered with. */
export type PredictParts = Pick<Parts, 'engine' | 'clock' | 'log' | 'protection'> & {
  readonly past: PastVectors
  readonly explaining: Explaining
}

/** Rows that are begun at once; more are answered in slices from the first on, between which others get theirs. */
const ROWS_AT_ONCE = 64
const USUAL_MODE = 'http'

/**
 * Scores rows one by one, all with the version that serves at the beginning: a row at fault gets its error, and the
 * model's fallback as its decision. Rows from further back than the live state reaches wait for the log, and a model may
 * wait for the disk; otherwise few rows are answered at once. Rows that are not answered when the deadline is over get
 * that as their error; those that are only not explained by then keep their scores, and say so.
 * @throws TruelineError `no_model_serving`, `disk_full`, `log_unavailable`, `invalid_request` for too many to explain
 */
export function predictRows(
  serving: ModelServing,
  rows: RowList,
  options: PredictOptions,
  parts: PredictParts,
): PredictAnswer | Promise<PredictAnswer> {
  if (!serving.sync) return scoreRows(serving.present(), rows, options, parts, () => undefined)
  return scoreDurably(serving, rows, options, parts)
}

/** What was said must be in the log when it is said; later than the deadline it is not said. */
async function scoreDurably(
  serving: ModelServing,
  rows: RowList,
  options: PredictOptions,
  parts: PredictParts,
): Promise<PredictAnswer> {
  const { log, clock, protection } = parts
  const { deadline } = options
  await inTime(log.room(), deadline, clock)
  const present = serving.present()
  let ticket: number | undefined
  // Before scores are explained: they are written meanwhile, and an explanation that takes too long does not cost the answer.
  const answer = await scoreRows(present, rows, options, parts, () => {
    ticket = serving.flush()
  })
  if (ticket === undefined || (await inTime(log.durable(ticket), deadline, clock))) return answer
  const late = (): PredictionAnswer => lateAnswer(present, protection.late(), options)
  if (answer.predictions.length > 0) return { ...answer, predictions: answer.predictions.map(late) }
  for (let place = 0; place < rows.length; place += 1) options.answers?.set(place, late())
  return answer
}

/** @param onScored called when all rows have their scores, which may not be explained yet */
function scoreRows(
  present: PresentVersion,
  rows: RowList,
  options: PredictOptions,
  parts: PredictParts,
  onScored: () => void,
): PredictAnswer | Promise<PredictAnswer> {
  const { engine, clock, protection } = parts
  const { version, digest, plan, sequenceDigests, contract, model } = present.served
  // As long as this version serves, the engine has them: by the end it may have let go of them.
  const groups = plan.groups.map((_, index): EngineGroup => engine.group(sequenceDigests[index]!)!)
  const { mode = USUAL_MODE, deadline = Number.POSITIVE_INFINITY } = options
  const late: LateInPlace[] = []
  const explaining = explainRows(present.served, rows.length, options, parts)
  const answers = explaining === undefined ? options.answers : undefined
  const predictions = new Array<PredictionAnswer>(answers === undefined ? rows.length : 0)
  const { classes } = model.label
  const given = ({
    id,
    score,
    probabilities,
    verdict: { decision, decidedBy, reason },
    vector,
  }: Answered): ScoredAnswer => ({
    prediction_id: id,
    score,
    ...classAnswer(classes, probabilities),
    ...(decision === undefined ? {} : { decision }),
    ...(decidedBy === undefined ? {} : { overridden_by: decidedBy }),
    ...(options.reasons === true ? { reasons: reason === undefined ? [] : [reason] } : {}),
    ...(options.features === true
      ? { features: readingsOf(plan.inputs, vector.values, vector.statuses, engine.dictionary.textOf) }
      : {}),
  })

  function shown(answer: AnsweredRow): PredictionAnswer {
    if ('answered' in answer) {
      const scored = given(answer.answered)
      explaining?.keep(scored, answer.answered)
      return scored
    }
    const { code, reason, path } = answer.fault
    return failed(new TruelineError(code, reason, path === undefined ? {} : { path }), answer.decision)
  }

  function put(place: number, answer: PredictionAnswer): void {
    if (answers === undefined) predictions[place] = answer
    else answers.set(place, answer)
  }

  function answerRow(place: number): void {
    const answer = present.predict(rows.at(place), mode)
    if ('late' in answer) late.push({ place, row: answer.late })
    else put(place, shown(answer))
  }

  function failFrom(place: number): void {
    const error = protection.late()
    for (let next = place; next < rows.length; next += 1) put(next, lateAnswer(present, error, options))
  }

  function wholeAnswer(): PredictAnswer {
    const now = clock.now()
    const isTold = options.freshness === true || groups.some((group) => isDegraded(group, now))
    return {
      ...{ model: model.name, version, digest, contract: contract.digest, predictions },
      ...(isTold ? { freshness: groups.map((group) => freshnessOf(group, now)) } : {}),
    }
  }

  async function answerInSlices(from: number): Promise<PredictAnswer> {
    const work = protection.slices.begin()
    await work.next()
    for (let place = from; place < rows.length; place += 1) {
      if (work.isOver()) await work.next()
      if (clock.elapsed() < deadline) answerRow(place)
      else {
        failFrom(place)
        break
      }
    }
    if (late.length > 0) await answerLate(late, put, shown, deadline, parts)
    return await explainedAnswer()
  }

  async function explainedAnswer(): Promise<PredictAnswer> {
    onScored()
    await explaining?.explain(predictions)
    return wholeAnswer()
  }

  if (rows.length > ROWS_AT_ONCE) return answerInSlices(0)
  if (deadline !== Number.POSITIVE_INFINITY && clock.elapsed() >= deadline) failFrom(0)
  else {
    answerRow(0)
    // Few rows take longer than a slice where a graph scores them.
    const work = rows.length > 1 ? protection.slices.begin() : undefined
    for (let place = 1; place < rows.length; place += 1) {
      if (work?.isOver() === true) return answerInSlices(place)
      answerRow(place)
    }
  }
  if (late.length > 0) return answerLate(late, put, shown, deadline, parts).then(explainedAnswer)
  if (explaining !== undefined) return explainedAnswer()
  onScored()
  return wholeAnswer()
}

interface LateInPlace {
  readonly place: number
  readonly row: LateRow
}

/** Puts the predictions of late rows in their places; trouble with the history is the error of each of them. */
async function answerLate(
  late: readonly LateInPlace[],
  put: (place: number, answer: PredictionAnswer) => void,
  shown: (answer: AnsweredRow) => PredictionAnswer,
  deadline: number,
  { past, engine, clock, protection }: PredictParts,
): Promise<void> {
  const { served } = late[0]!.row
  const questions = late.map(({ row }) => row.question)
  const asked = {
    length: questions.length,
    rows: questions.map(({ row }) => row),
    t: Float64Array.from(questions, ({ t }) => t),
    offsets: sequencesOf(served.plan).map((_, sequence) =>
      Float64Array.from(questions, ({ offsets }) => offsets[sequence]!),
    ),
  }
  const isWanted = (): boolean => clock.elapsed() < deadline
  const reading = past
    .readOnline(meaningOf(served), asked, { told: engine.dictionary, isWanted })
    .catch(asTruelineError)
  const vectors = (await inTime(reading, deadline, clock)) ? await reading : protection.late()
  for (const [index, { place, row }] of late.entries()) {
    if (vectors instanceof TruelineError) {
      const cause = vectors.code === 'deadline_exceeded' ? 'timeout' : 'unavailable'
      put(place, failed(vectors, row.fail(vectors.code, cause)))
      continue
    }
    const values = Float64Array.from(vectors.values, (column) => column[index]!)
    const statuses = Uint8Array.from(vectors.statuses, (column) => column[index]!)
    put(place, shown(row.answer(values, statuses)))
  }
}

function lateAnswer(
  present: PresentVersion,
  error: TruelineError,
  { mode = USUAL_MODE }: PredictOptions,
): PredictionAnswer {
  return failed(error, present.fail(error.code, 'timeout', mode))
}

function failed(fault: TruelineError, decision: string | undefined): PredictionAnswer {
  const error = fault.toJSON()
  return decision === undefined ? { error } : { error, decision }
}
