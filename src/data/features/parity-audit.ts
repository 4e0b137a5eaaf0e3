import type { DuckDBConnection } from '@duckdb/node-api'
import type { DecodedPredictions } from '../../stores/log/prediction-block.ts'
import { predictionId } from '../../stores/log/prediction-block.ts'
import { type RecordedQuestions, recomputeVectors, type VectorMeaning } from './recompute-vectors.ts'

/** A served value that did not come out again. */
export interface Mismatch {
  readonly prediction: string
  readonly feature: string
  /** NaN is no value. */
  readonly served: number
  readonly replayed: number
  readonly cause: MismatchCause
}

/**
 * How a value differs: `status` when only the statuses do,
 * `value` when the same definition gave another number.
 */
export type MismatchCause = 'status' | 'value'

/** What an audit found, so far; one object is filled by many calls. */
export interface AuditFindings {
  checked: number
  /** Predictions with at least one value that differs. */
  mismatches: number
  readonly features: Map<string, { checked: number; mismatches: number }>
  readonly examples: Mismatch[]
}

/** Predictions of one model version that are to be checked. */
export interface VectorsToCheck {
  readonly ids: readonly string[]
  readonly asked: RecordedQuestions
  readonly served: readonly Float64Array[]
  readonly statuses: readonly Uint8Array[]
}

const MOST_EXAMPLES = 20

export function emptyFindings(): AuditFindings {
  return { checked: 0, mismatches: 0, features: new Map(), examples: [] }
}

/** Recomputes vectors from the log and compares them with what was served, bit for bit and status for status. */
export async function auditVectors(
  connection: DuckDBConnection,
  meaning: VectorMeaning,
  vectors: VectorsToCheck,
  eventFiles: (stream: string) => readonly string[],
  findings: AuditFindings,
): Promise<void> {
  const { asked, served, statuses } = vectors
  const again = await recomputeVectors(connection, meaning, asked, eventFiles)
  const names = meaning.plan.inputs.map(({ name }) => name)
  findings.checked += asked.length
  const differs = new Uint8Array(asked.length)
  for (const [input, feature] of names.entries()) {
    const counts = findings.features.get(feature) ?? { checked: 0, mismatches: 0 }
    findings.features.set(feature, counts)
    counts.checked += asked.length
    for (let row = 0; row < asked.length; row += 1) {
      const value = served[input]![row]!
      const replayed = again.values[input]![row]!
      const sameValue = Object.is(value, replayed)
      if (sameValue && statuses[input]![row] === again.statuses[input]![row]) continue
      differs[row] = 1
      counts.mismatches += 1
      if (findings.examples.length < MOST_EXAMPLES)
        findings.examples.push({
          prediction: vectors.ids[row]!,
          feature,
          served: value,
          replayed,
          cause: sameValue ? 'status' : 'value',
        })
    }
  }
  for (const differing of differs) findings.mismatches += differing
}

/** The chosen predictions of blocks of one layout, put together. */
export function collectVectors(
  blocks: readonly DecodedPredictions[],
  chosen: (block: DecodedPredictions, index: number) => boolean,
): VectorsToCheck {
  const picks = blocks.flatMap((block) => {
    const indexes: number[] = []
    for (let index = 0; index < block.length; index += 1) if (chosen(block, index)) indexes.push(index)
    return indexes.length === 0 ? [] : [{ block, indexes }]
  })
  const length = picks.reduce((sum, { indexes }) => sum + indexes.length, 0)
  const first = blocks[0]
  const gather = <Target extends Float64Array | Uint8Array>(
    target: Target,
    column: (block: DecodedPredictions) => ArrayLike<number>,
  ): Target => {
    let at = 0
    for (const { block, indexes } of picks) {
      const source = column(block)
      for (const index of indexes) target[at++] = source[index]!
    }
    return target
  }
  const inputs = first?.values ?? []
  const groups = first?.offsets ?? []
  return {
    ids: picks.flatMap(({ block, indexes }) => indexes.map((index) => predictionId(block.number, index))),
    asked: {
      length,
      rows: picks.flatMap(({ block, indexes }) => indexes.map((index) => block.rows[index]!)),
      t: gather(new Float64Array(length), (block) => block.t),
      offsets: groups.map((_, group) => gather(new Float64Array(length), (block) => block.offsets[group]!)),
    },
    served: inputs.map((_, input) => gather(new Float64Array(length), (block) => block.values[input]!)),
    statuses: inputs.map((_, input) => gather(new Uint8Array(length), (block) => block.statuses[input]!)),
  }
}
