import type { Clock } from '../../core/clock.ts'
import type { Value } from '../../core/data-type.ts'
import { encodeKey } from '../../core/key.ts'
import { isDegraded } from '../../data/features/freshness.ts'
import {
  createVectorReader,
  type VectorBuffer,
  type VectorReader,
  type VectorState,
} from '../../data/features/vector-reader.ts'
import { createRowReader, type RowFault, type RowReader } from '../../data/quality/row-reader.ts'
import { questionTimeFault } from '../../data/quality/time-of-question.ts'
import { rowSchemaOf } from './model-contract.ts'
import { scoreFault } from './score-fault.ts'
import type { ServedVersion } from './served-version.ts'
import { createVectorScoring } from './vector-scoring.ts'
import type { Verdict } from './verdict.ts'

/** A prediction in the making; the buffers belong to the path and hold until its next prediction. */
export interface Scored {
  /** Canonical JSON of the asking row. */
  readonly row: string
  readonly t: number
  readonly vector: VectorBuffer
  readonly score: number
  /** Of a model of several classes one for each. */
  readonly probabilities: Float64Array | undefined
  readonly verdict: Verdict
  /** Text of the key by which the outcome will be found; undefined when a part of it is null. */
  readonly labelKey: string | undefined
}

/** A row whose t lies further back than the live state reaches: the log can answer it, as of these positions. */
export interface LateQuestion {
  /** Canonical JSON of the asking row. */
  readonly row: string
  /** Its values, in the order of its stream's columns. */
  readonly rowValues: readonly Value[]
  readonly t: number
  readonly labelKey: string | undefined
  readonly partitions: Uint8Array
  readonly offsets: Float64Array
}

export type ScoredOrFault = { readonly scored: Scored } | { readonly fault: RowFault }

export type ScoringResult = ScoredOrFault | { readonly late: LateQuestion }

/** The one way from a row to a score: contract, features, score, decision. */
export interface ScoringPath {
  readonly served: ServedVersion
  /**
   * Scores one row at the platform's present state.
   * @returns the fault of a row that the contract does not allow, or whose score is no finite number
   */
  score(row: unknown): ScoringResult
  /** Scores a late question with the vector that the log gave for it. */
  scoreLate(question: LateQuestion, values: Float64Array, statuses: Uint8Array): ScoredOrFault
}

/** The path of a version over the live state. */
export function createScoringPath(served: ServedVersion, state: VectorState, clock: Clock): ScoringPath {
  const { model, plan } = served
  const schema = rowSchemaOf(served.contract.content)
  const names = Object.keys(schema)
  const reader: RowReader = createRowReader(schema, { required: model.time === undefined ? [] : [model.time] })
  const vectors: VectorReader = createVectorReader(plan, served.sequenceDigests, schema, state)
  const timeColumn = model.time === undefined ? -1 : names.indexOf(model.time)
  const labelColumns = Object.keys(model.label.on).map((column) => names.indexOf(column))
  const labelTypes = labelColumns.map((column) => schema[names[column]!]!.type)
  const scoring = createVectorScoring(served)
  // Those that vectors are read from: the engine may let go of one before the last request that began with this version ends.
  const groups = plan.groups.map((_, index) => state.engine.group(served.sequenceDigests[index]!)!)
  const stale = new Uint8Array(groups.length)
  const values: Value[] = new Array(names.length).fill(null)
  const labelValues: Value[] = []

  function labelKey(): string | undefined {
    for (let index = 0; index < labelColumns.length; index += 1) labelValues[index] = values[labelColumns[index]!]!
    return encodeKey(labelTypes, labelValues)
  }

  function staleGroups(): Uint8Array | undefined {
    if (!scoring.asksForStale) return undefined
    const now = clock.now()
    for (let index = 0; index < groups.length; index += 1) stale[index] = isDegraded(groups[index]!, now) ? 1 : 0
    return stale
  }

  return {
    served,
    score(row) {
      const fault = reader.read(row, values)
      if (fault !== undefined) return { fault }
      const now = clock.now()
      // Training sees what was known before t, so what has just become known lies before t here, too.
      const t = timeColumn === -1 ? Math.max(now, vectors.knownAt + 1) : (values[timeColumn] as number)
      const timeFault = timeColumn === -1 ? undefined : questionTimeFault(model.time!, t, now)
      if (timeFault !== undefined) return { fault: timeFault }
      const { buffer } = vectors
      if (!vectors.read(values, t)) {
        const { partitions, offsets } = buffer
        const cut = { partitions: partitions.slice(), offsets: offsets.slice() }
        return { late: { row: reader.text(values), rowValues: values.slice(), t, labelKey: labelKey(), ...cut } }
      }
      const { score, probabilities, verdict } = scoring.score(buffer.values, buffer.statuses, values, staleGroups())
      const noScore = scoreFault(score)
      if (noScore !== undefined) return { fault: noScore }
      const vector = buffer
      return { scored: { row: reader.text(values), t, vector, score, probabilities, verdict, labelKey: labelKey() } }
    },
    scoreLate({ row, rowValues, t, labelKey, partitions, offsets }, given, statuses) {
      const { score, probabilities, verdict } = scoring.score(given, statuses, rowValues, staleGroups())
      const noScore = scoreFault(score)
      if (noScore !== undefined) return { fault: noScore }
      const vector = { values: given, statuses, partitions, offsets }
      return { scored: { row, t, vector, score, probabilities, verdict, labelKey } }
    },
  }
}
