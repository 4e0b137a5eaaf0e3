import type { Value } from '../../core/data-type.ts'
import { likeliest } from '../../core/math/likeliest.ts'
import { createCalibrator, createClassCalibrator } from '../../models/inference/calibration.ts'
import { createClassDecider, createScoreDecider } from './deciders.ts'
import { createDecisionRules } from './decision-rules.ts'
import { createMissingFeatures } from './missing-features.ts'
import type { ServedVersion } from './served-version.ts'
import type { Verdict } from './verdict.ts'

/** What becomes of a vector. */
export interface Outcome {
  /** A probability, calibrated where the version has a calibration, or a value; of several classes that of the likeliest. */
  readonly score: number
  /** As the model's trees give it, before calibration; of several classes that of the one whose `score` is given. */
  readonly raw: number
  /** Of a model of several classes one for each, in their order; they hold until the next vector. */
  readonly probabilities: Float64Array | undefined
  readonly verdict: Verdict
}

/** What becomes of vectors in columns. */
export interface ColumnOutcomes {
  readonly scores: Float64Array
  /** Of a model of several classes those of a row one after the other; no others have them. */
  readonly probabilities?: Float64Array
  /** Of row i the verdict is `verdicts[codes[i]]`. */
  readonly verdicts: readonly Verdict[]
  readonly codes: Uint16Array
}

/** Vectors in columns, with what they were asked by. */
export interface VectorColumns {
  readonly rows: number
  /** One column an input. */
  readonly values: readonly Float64Array[]
  /** Of each input; without them NaN is null. */
  readonly statuses?: readonly Uint8Array[]
  /** Columns of the asking rows by name, values as rows have them; those that `rowColumns` names are enough. */
  readonly asked?: Readonly<Record<string, ArrayLike<Value>>>
  /** What the scorer's `scoreColumns` gives for them, where that was computed already; it is written over. */
  readonly outputs?: Float64Array
}

/**
 * The only way from a vector to a score and a decision: whatever asks, one by one, in batches or in streams, gets the
 * same bits for the same vector.
 */
export interface VectorScoring {
  /** Whether a decision may depend on which groups are stale. */
  readonly asksForStale: boolean
  /** Columns of the asking row that decisions depend on now, besides the vector. */
  readonly rowColumns: readonly string[]
  /**
   * Scores one vector and decides.
   * @param statuses of its values; without them NaN is null
   * @param row the asking row, values in the order of its stream's columns; a raw vector has none
   * @param stale for each group of the plan 1 where it is older than it promises to be
   */
  score(values: Float64Array, statuses: Uint8Array | undefined, row?: readonly Value[], stale?: Uint8Array): Outcome
  /** Scores vectors in columns and decides, as `score` does for each. */
  scoreColumns(columns: VectorColumns): ColumnOutcomes
}

/** The scoring of a version's vectors. Not to be called from two threads at once. */
export function createVectorScoring(
  served: Pick<ServedVersion, 'model' | 'project' | 'plan' | 'scorer' | 'calibration' | 'hand'>,
): VectorScoring {
  const { model, project, plan, scorer, hand } = served
  const rules = createDecisionRules(served)
  const missing = createMissingFeatures(served)
  /** Of a vector nothing else is looked at to decide. */
  const inputsRead = [...new Set([...(rules?.inputs ?? []), ...(missing?.inputs ?? [])])]
  const { classes } = model.label
  const calibrate = createCalibrator(classes === undefined ? served.calibration : undefined)
  const calibrateClasses = classes && createClassCalibrator(served.calibration, classes.length)
  const decide = createScoreDecider(model.serve.decision)
  const decideByClass = classes === undefined ? undefined : createClassDecider(model.serve.decision, classes)
  const ofRow = new Float64Array(classes?.length ?? 0)
  const rawRow = new Float64Array(ofRow.length)
  const rowNames = Object.keys(project.streams[model.at]!.schema)
  const findByHand = hand?.finder(rowNames)

  function judge(
    byScore: Verdict,
    values: Float64Array,
    statuses: Uint8Array | undefined,
    row: readonly Value[] | undefined,
    stale: Uint8Array | undefined,
  ): Verdict {
    return (row && findByHand?.(row)) ?? rules?.find(values, row) ?? missing?.find(values, statuses, stale) ?? byScore
  }

  function scoreClasses(...[values, statuses, row, stale]: Parameters<VectorScoring['score']>): Outcome {
    scorer.scoreInto(values, 0, ofRow, 0)
    rawRow.set(ofRow)
    calibrateClasses!(ofRow, 0)
    const score = largestOf(ofRow, 0, ofRow.length)
    const verdict = judge(decideByClass!(ofRow, 0), values, statuses, row, stale)
    return { score, raw: rawRow[likeliest(ofRow, 0, ofRow.length)]!, probabilities: ofRow, verdict }
  }

  return {
    asksForStale: missing?.asksForStale ?? false,
    get rowColumns() {
      const byHand = (hand?.columns ?? []).filter((column) => rowNames.includes(column))
      return [...new Set([...(rules?.rowColumns ?? []), ...byHand])]
    },
    score(values, statuses, row, stale) {
      if (decideByClass !== undefined) return scoreClasses(values, statuses, row, stale)
      const raw = scorer.scoreRow(values, 0)
      const score = calibrate(raw)
      return { score, raw, probabilities: undefined, verdict: judge(decide(score), values, statuses, row, stale) }
    },
    scoreColumns({ rows, values, statuses, asked, outputs = scorer.scoreColumns(values, rows) }) {
      const scores = decideByClass === undefined ? outputs : new Float64Array(rows)
      const codes = new Uint16Array(rows)
      const verdicts = new Map<Verdict, number>()
      let last: Verdict | undefined
      let code = 0
      const isByScore = rules === undefined && missing === undefined && (hand?.columns.length ?? 0) === 0
      const vector = new Float64Array(plan.inputs.length)
      const ofVector = statuses === undefined ? undefined : new Uint8Array(plan.inputs.length)
      const row: Value[] | undefined = asked === undefined ? undefined : rowNames.map(() => null)
      const askedColumns = rowNames.map((name) => asked?.[name])

      function load(index: number): void {
        for (const input of inputsRead) {
          vector[input] = values[input]![index]!
          if (ofVector !== undefined) ofVector[input] = statuses![input]![index]!
        }
        if (row !== undefined)
          for (let column = 0; column < row.length; column += 1) row[column] = askedColumns[column]?.[index] ?? null
      }

      for (let index = 0; index < rows; index += 1) {
        const from = index * ofRow.length
        calibrateClasses?.(outputs, from)
        const score = decideByClass === undefined ? calibrate(scores[index]!) : largestOf(outputs, from, ofRow.length)
        const byScore = decideByClass === undefined ? decide(score) : decideByClass(outputs, from)
        if (!isByScore) load(index)
        const verdict = isByScore ? byScore : judge(byScore, vector, ofVector, row, undefined)
        scores[index] = score
        // Most are as the one before.
        if (verdict !== last) {
          code = verdicts.get(verdict) ?? verdicts.size
          verdicts.set(verdict, code)
          last = verdict
        }
        codes[index] = code
      }
      const ofClasses = decideByClass === undefined ? {} : { probabilities: outputs }
      return { scores, ...ofClasses, codes, verdicts: [...verdicts.keys()] }
    },
  }
}

/** The probability of the likeliest class; NaN where any of them is no finite number. */
function largestOf(probabilities: Float64Array, from: number, count: number): number {
  for (let place = 0; place < count; place += 1) if (!Number.isFinite(probabilities[from + place]!)) return Number.NaN
  return probabilities[from + likeliest(probabilities, from, count)]!
}
