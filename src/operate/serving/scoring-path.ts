import type { Clock } from '../../core/clock.ts'
import type { Schema, Value } from '../../core/data-type.ts'
import { encodeKey } from '../../core/key.ts'
import type { FeatureEngine } from '../../data/features/feature-engine.ts'
import { createVectorReader, type VectorBuffer, type VectorReader } from '../../data/features/vector-reader.ts'
import { createRowReader, type RowFault, type RowReader } from '../../data/quality/row-reader.ts'
import { decide } from './decide.ts'
import { requestSchema } from './request-schema.ts'
import type { ServedVersion } from './served-version.ts'

/** A prediction in the making; the buffers belong to the path and hold until its next prediction. */
export interface Scored {
  /** The asking row, in the order of the request schema. */
  readonly row: readonly Value[]
  readonly t: number
  readonly vector: VectorBuffer
  readonly score: number
  readonly decision: string | undefined
  /** Text of the key by which the outcome will be found; undefined when a part of it is null. */
  readonly labelKey: string | undefined
}

export type ScoringResult = { readonly scored: Scored } | { readonly fault: RowFault }

/** The one way from a row to a score: contract, features, score, decision. */
export interface ScoringPath {
  readonly served: ServedVersion
  readonly schema: Schema
  /** Canonical JSON of a row that `score` took. */
  rowText(row: readonly Value[]): string
  /**
   * Scores one row at the platform's present state.
   * @returns the fault of a row that the contract does not allow
   */
  score(row: unknown): ScoringResult
}

/** The path of a version over the live state. */
export function createScoringPath(served: ServedVersion, engine: FeatureEngine, clock: Clock): ScoringPath {
  const { model, project, plan } = served
  const schema = requestSchema(model, project, plan)
  const names = Object.keys(schema)
  const reader: RowReader = createRowReader(schema, { required: model.time === undefined ? [] : [model.time] })
  const vectors: VectorReader = createVectorReader(plan, served.groupDigests, schema, engine)
  const timeColumn = model.time === undefined ? -1 : names.indexOf(model.time)
  const labelColumns = Object.keys(model.label.on).map((column) => names.indexOf(column))
  const labelTypes = labelColumns.map((column) => schema[names[column]!]!.type)
  const values: Value[] = new Array(names.length).fill(null)
  const labelValues: Value[] = []
  const oldestAnswer: RowFault = {
    code: 'event_too_late',
    reason: 'The time of the row lies further back than the online state reaches.',
    ...(model.time === undefined ? {} : { path: model.time }),
  }
  return {
    served,
    schema,
    rowText: (row) => reader.text(row),
    score(row) {
      const fault = reader.read(row, values)
      if (fault !== undefined) return { fault }
      const t = timeColumn === -1 ? clock.now() : (values[timeColumn] as number)
      if (!vectors.read(values, t)) return { fault: oldestAnswer }
      const score = served.scorer.scoreRow(vectors.buffer.values, 0)
      for (let index = 0; index < labelColumns.length; index += 1) labelValues[index] = values[labelColumns[index]!]!
      return {
        scored: {
          row: values,
          t,
          vector: vectors.buffer,
          score,
          decision: decide(model.serve, score),
          labelKey: encodeKey(labelTypes, labelValues),
        },
      }
    },
  }
}
