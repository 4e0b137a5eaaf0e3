import { TruelineError } from '../../core/errors.ts'
import { likeliest } from '../../core/math/likeliest.ts'
import { atOnceOrInSlices, inSlices, type Slices, type Steps } from '../../core/slices.ts'
import type { VectorInput } from '../../data/features/vector.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import type { Tensor, TensorModel, TensorSpec } from '../../models/inference/tensor.ts'
import { numbersInTensor, textsOfTensorInSteps, unitsOfTensor } from '../../models/inference/tensor-columns.ts'
import type { AnsweredRow, ModelServing } from '../../operate/serving/model-serving.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import { RAW_MODE } from './predicting.ts'

/** Values of one input: NaN or null is missing. */
type RawColumn = Float32Array | Float64Array | readonly (string | null)[]

/** What is answered of the rows of a request. */
interface RawAnswers {
  readonly scores: Float64Array
  /** Of a model of several classes: the likeliest one of each row, and the probabilities of all of them, row by row. */
  readonly classes: Uint8Array[]
  readonly probabilities: Float64Array
  readonly decisions: Uint8Array[]
}

const MOST_ROWS = 100_000
/** Requests of up to so many rows are begun at once, larger ones in their turn; what takes longer than a slice lets others have theirs. */
const ROWS_AT_ONCE = 256
/** Rows after which it is looked whether a slice is over: a graph may take a millisecond for each. */
const ROWS_AT_A_TIME = 8

/** The parameter of an answer by which its rows can be traced: their ids in the order of the rows, between commas. */
const IDS = 'prediction_ids'

const encoder = new TextEncoder()

/**
 * The version that serves, for who sends raw vectors: one tensor per input of the vector, before any encoding, each of shape [rows]. What
 * is asked is logged and watched like any prediction. One request is answered by one version, whatever is promoted meanwhile.
 * A model of several classes answers the probability of the likeliest as `score`, and those of all as `probabilities` of shape
 * [rows, classes], in the order that the parameter `classes` of the answer names them in, a list as JSON.
 * @throws TruelineError `no_model_serving`
 */
export function rawModelOf(
  serving: ModelServing,
  name: string,
  log: EventLog,
  dictionary: Dictionary,
  slices: Slices,
): TensorModel {
  const { served, infer } = serving.raw()
  const { version, digest, contract, plan, model } = served
  const { classes } = model.label
  const decides = classes !== undefined || model.serve.decision !== undefined
  const inputs = plan.inputs.map(specOf)
  const outputs: readonly TensorSpec[] = [
    { name: 'score', datatype: 'FP64', shape: [-1] },
    ...(classes === undefined
      ? []
      : [
          { name: 'class', datatype: 'BYTES', shape: [-1] } as const,
          { name: 'probabilities', datatype: 'FP64', shape: [-1, classes.length] } as const,
        ]),
    ...(decides ? [{ name: 'decision', datatype: 'BYTES', shape: [-1] } as const] : []),
  ]
  const vector = new Float64Array(inputs.length)
  /** Decisions and classes are few. */
  const texts = new Map<string, Uint8Array>()

  function textOf(name: string): Uint8Array {
    let bytes = texts.get(name)
    if (bytes === undefined) {
      bytes = encoder.encode(name)
      texts.set(name, bytes)
    }
    return bytes
  }

  function answersOf(rows: number): RawAnswers {
    return {
      scores: new Float64Array(rows),
      classes: [],
      probabilities: new Float64Array(rows * (classes?.length ?? 0)),
      decisions: [],
    }
  }

  function takeClasses(ofRow: Float64Array, row: number, into: RawAnswers): void {
    into.probabilities.set(ofRow, row * ofRow.length)
    into.classes.push(textOf(classes![likeliest(ofRow, 0, ofRow.length)]!))
  }

  function tensorOf(name: string, rows: number, answers: RawAnswers): Tensor {
    if (name === 'score') return { name, datatype: 'FP64', shape: [rows], data: answers.scores }
    if (name === 'probabilities')
      return { name, datatype: 'FP64', shape: [rows, classes!.length], data: answers.probabilities }
    return { name, datatype: 'BYTES', shape: [rows], data: name === 'class' ? answers.classes : answers.decisions }
  }

  /** A row without a score has the decision for this case and no id; where there is none, the request fails. */
  function takeFault(
    { fault, decision }: Extract<AnsweredRow, { readonly fault: unknown }>,
    row: number,
    answers: RawAnswers,
    ids: string[],
  ) {
    if (decision === undefined)
      throw new TruelineError(fault.code, `Row ${row}, counted from 0: ${fault.reason}`, { path: `[${row}]` })
    answers.scores[row] = Number.NaN
    ids.push('')
    if (decides) answers.decisions.push(textOf(decision))
    if (classes === undefined) return
    answers.classes.push(textOf(''))
    answers.probabilities.fill(Number.NaN, row * classes.length, (row + 1) * classes.length)
  }

  function scoreRows(columns: readonly RawColumn[], from: number, until: number, answers: RawAnswers, ids: string[]) {
    for (let row = from; row < until; row += 1) {
      for (let input = 0; input < columns.length; input += 1) {
        const value = columns[input]![row]!
        vector[input] =
          typeof value === 'string' ? dictionary.lastingCode(dictionary.encodePassing(value)) : (value ?? Number.NaN)
      }
      const answer = infer(vector, RAW_MODE)
      if ('fault' in answer) takeFault(answer, row, answers, ids)
      else {
        const { id, score, probabilities, verdict } = answer.answered
        answers.scores[row] = score
        ids.push(id)
        if (probabilities !== undefined) takeClasses(probabilities, row, answers)
        if (decides) answers.decisions.push(textOf(verdict.decision ?? ''))
      }
    }
  }

  /** All before any row is scored: one that cannot be read refuses the request. */
  function* columnsOf(tensors: readonly Tensor[]): Steps<readonly RawColumn[]> {
    const columns: RawColumn[] = []
    for (const [index, tensor] of tensors.entries()) {
      const { scale } = plan.inputs[index]!
      if (inputs[index]!.datatype === 'BYTES') columns.push(yield* textsOfTensorInSteps(tensor))
      else if (scale !== undefined) columns.push(unitsOfTensor(tensor, scale))
      else columns.push(numbersInTensor(tensor))
      if (tensor.data.length > ROWS_AT_ONCE) yield
    }
    return columns
  }

  return {
    name,
    version: String(version),
    platform: served.scorer.platform,
    inputs,
    outputs,
    parameters: {
      ...{ digest, contract: contract.digest },
      ...(classes === undefined ? {} : { classes: JSON.stringify(classes) }),
    },
    infer(tensors, wanted, _onGone, say) {
      const rows = rowsOf(tensors)
      const answers = answersOf(rows)
      return onceLogged(serving, log, () => (rows > ROWS_AT_ONCE ? inSlices : atOnceOrInSlices)(score(), slices))

      function* score(): Steps<readonly Tensor[]> {
        const columns = yield* columnsOf(tensors)
        const texts: string[] = []
        for (let from = 0; from < rows; from += ROWS_AT_A_TIME) {
          // Ids of a part are one text at once: a hundred thousand small ones would be copied by the garbage collector.
          const ids: string[] = []
          scoreRows(columns, from, Math.min(from + ROWS_AT_A_TIME, rows), answers, ids)
          texts.push(ids.join())
          yield
        }
        say?.(IDS, texts.join())
        return wanted.map((output) => tensorOf(output, rows, answers))
      }
    },
    close: async () => undefined,
  }
}

function specOf({ name, type }: VectorInput): TensorSpec {
  return { name, datatype: type === 'string' ? 'BYTES' : 'FP64', shape: [-1], column: true }
}

function rowsOf(tensors: readonly Tensor[]): number {
  const rows = tensors[0]?.shape[0] ?? 0
  for (const { name, shape } of tensors)
    if (shape[0] !== rows)
      throw new TruelineError(
        'invalid_request',
        `${name} has ${shape[0]} rows where the tensors before it have ${rows}.`,
        { path: name },
      )
  if (rows > MOST_ROWS)
    throw new TruelineError('invalid_request', `${rows} rows are more than the ${MOST_ROWS} that a request may have.`)
  return rows
}

/** Gives an answer at once, or for a model that waits for the disk when what it says is in the log. */
function onceLogged<Answer>(
  serving: ModelServing,
  log: EventLog,
  work: () => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  if (!serving.sync) return work()
  return (async () => {
    await log.room()
    const answer = await work()
    const ticket = serving.flush()
    if (ticket !== undefined) await log.durable(ticket)
    return answer
  })()
}
