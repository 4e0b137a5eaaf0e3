import type { DuckDBConnection } from '@duckdb/node-api'
import type { Digest } from '../../core/digest.ts'
import type { DecodedPredictions } from '../../stores/log/prediction-block.ts'
import { causesOf, type MismatchCause } from './mismatch-cause.ts'
import { type RecordedQuestions, recomputeVectors, type VectorMeaning } from './recompute-vectors.ts'
import { loadSeenEvents } from './seen-events.ts'

/** A served value that did not come out again. */
export interface Mismatch {
  readonly prediction: string
  readonly feature: string
  /** NaN is no value. */
  readonly served: number
  readonly replayed: number
  /** The kernel's statuses of the two. */
  readonly statuses: readonly [served: number, replayed: number]
  readonly cause: MismatchCause
}

/** What was found about one feature, as it is defined by one digest. */
export interface FeatureParity {
  readonly feature: string
  /** Of what the feature is a part of; absent where it is not known. */
  readonly digest?: Digest
  /** Values that were recomputed, and how many of them differ. */
  checked: number
  mismatches: number
  /** Of the mismatches that were looked into. */
  readonly causes: Map<MismatchCause, number>
}

/** What an audit found, so far; one object is filled by many calls. */
export interface AuditFindings {
  checked: number
  /** Predictions with at least one value that differs. */
  mismatches: number
  /** Predictions of which a value could not be compared, because it, or what it is made from, is masked. */
  masked: number
  /** Predictions whose mismatches were looked into. */
  explained: number
  /** By feature and digest. */
  readonly features: Map<string, FeatureParity>
  readonly examples: Mismatch[]
}

/** Predictions of one model version that are to be checked. */
export interface VectorsToCheck {
  readonly ids: readonly string[]
  readonly asked: RecordedQuestions
  readonly served: readonly Float64Array[]
  readonly statuses: readonly Uint8Array[]
}

/** How vectors are checked. */
export interface VectorAudit {
  readonly meaning: VectorMeaning
  readonly vectors: VectorsToCheck
  /** Paths of a stream's files in the lake, which reach at least to the recorded offsets. */
  readonly eventFiles: (stream: string) => readonly string[]
  /** Of each input the digest of what it is a part of, where there is one; none unless given. */
  readonly digests?: readonly (Digest | undefined)[]
  /** Places of the inputs whose digest is another than the one that was recorded; none unless given. */
  readonly changed?: ReadonlySet<number>
  /** Places of the inputs that are not compared, because they are masked; none unless given. */
  readonly masked?: ReadonlySet<number>
}

const MOST_EXAMPLES = 20
/** Predictions of an audit whose mismatches are looked into: each loads the rows of its entities. */
const MOST_EXPLAINED = 8

export function emptyFindings(): AuditFindings {
  return { checked: 0, mismatches: 0, masked: 0, explained: 0, features: new Map(), examples: [] }
}

/**
 * Recomputes vectors from the log and compares them with what was served, bit for bit and status for status. Of the first
 * few predictions that differ in a feature the causes are looked for.
 */
export async function auditVectors(
  connection: DuckDBConnection,
  audit: VectorAudit,
  findings: AuditFindings,
): Promise<void> {
  const { meaning, vectors, eventFiles, masked = new Set(), digests = [] } = audit
  const { asked, served, statuses } = vectors
  const again = await recomputeVectors(connection, meaning, asked, eventFiles)
  const { inputs } = meaning.plan
  findings.checked += asked.length
  if (masked.size > 0) findings.masked += asked.length
  const differing = new Map<number, number[]>()
  for (const [input, { name }] of inputs.entries()) {
    if (masked.has(input)) continue
    const counts = parityOf(findings, name, digests[input])
    counts.checked += asked.length
    for (let row = 0; row < asked.length; row += 1) {
      const isSame =
        Object.is(served[input]![row]!, again.values[input]![row]!) &&
        statuses[input]![row] === again.statuses[input]![row]
      if (isSame) continue
      counts.mismatches += 1
      const others = differing.get(row)
      if (others === undefined) differing.set(row, [input])
      else others.push(input)
    }
  }
  findings.mismatches += differing.size
  for (const [row, places] of differing) {
    const causes = await explain(connection, audit, row, places, findings)
    for (const [index, input] of places.entries()) {
      const { name } = inputs[input]!
      if (findings.examples.length < MOST_EXAMPLES)
        findings.examples.push({
          prediction: vectors.ids[row]!,
          feature: name,
          served: served[input]![row]!,
          replayed: again.values[input]![row]!,
          statuses: [statuses[input]![row]!, again.statuses[input]![row]!],
          cause: causes?.[index] ?? 'unknown',
        })
    }
  }
}

function parityOf({ features }: AuditFindings, feature: string, digest: Digest | undefined): FeatureParity {
  const key = `${digest ?? ''} ${feature}`
  const known = features.get(key)
  if (known !== undefined) return known
  const of = digest === undefined ? { feature } : { feature, digest }
  const counts: FeatureParity = { ...of, checked: 0, mismatches: 0, causes: new Map() }
  features.set(key, counts)
  return counts
}

/** Looks for the causes of a vector's mismatches, unless enough vectors were looked into. */
async function explain(
  connection: DuckDBConnection,
  { meaning, vectors, eventFiles, changed = new Set(), digests = [] }: VectorAudit,
  row: number,
  differing: readonly number[],
  findings: AuditFindings,
): Promise<readonly MismatchCause[] | undefined> {
  const { inputs } = meaning.plan
  if (findings.explained >= MOST_EXPLAINED) return undefined
  findings.explained += 1
  const { asked, served, statuses } = vectors
  const question = { row: asked.rows[row]!, offsets: asked.offsets.map((column) => column[row]!) }
  const causes = causesOf({
    ...{ meaning, differing, changed, row: question.row, t: asked.t[row]! },
    values: served.map((column) => column[row]!),
    statuses: statuses.map((column) => column[row]!),
    seen: await loadSeenEvents(connection, meaning, question, eventFiles),
  })
  for (const [index, cause] of causes.entries()) {
    const input = differing[index]!
    const { causes: known } = parityOf(findings, inputs[input]!.name, digests[input])
    known.set(cause, (known.get(cause) ?? 0) + 1)
  }
  return causes
}

/** The chosen predictions of a block; none of them is in the block's memory. */
export function collectVectors(
  block: DecodedPredictions,
  chosen: (block: DecodedPredictions, index: number) => boolean,
): VectorsToCheck {
  const indexes: number[] = []
  for (let index = 0; index < block.length; index += 1) if (chosen(block, index)) indexes.push(index)
  const doubles = (column: Float64Array) => Float64Array.from(indexes, (index) => column[index]!)
  return {
    ids: indexes.map((index) => block.id(index)),
    asked: {
      length: indexes.length,
      rows: indexes.length === 0 ? [] : indexes.map((index) => block.rows[index]!),
      t: doubles(block.t),
      offsets: block.offsets.map(doubles),
    },
    served: block.values.map(doubles),
    statuses: block.statuses.map((column) => Uint8Array.from(indexes, (index) => column[index]!)),
  }
}

/** Those of several blocks of one layout, put together. */
export function joinVectors(parts: readonly VectorsToCheck[]): VectorsToCheck {
  const length = parts.reduce((sum, { asked }) => sum + asked.length, 0)
  const join = <Target extends Float64Array | Uint8Array>(
    target: Target,
    column: (part: VectorsToCheck) => ArrayLike<number>,
  ): Target => {
    let at = 0
    for (const part of parts) {
      target.set(column(part), at)
      at += part.asked.length
    }
    return target
  }
  const [{ asked, served, statuses } = nothing] = parts
  return {
    ids: parts.flatMap(({ ids }) => ids),
    asked: {
      length,
      rows: parts.flatMap((part) => part.asked.rows),
      t: join(new Float64Array(length), (part) => part.asked.t),
      offsets: asked.offsets.map((_, group) => join(new Float64Array(length), (part) => part.asked.offsets[group]!)),
    },
    served: served.map((_, input) => join(new Float64Array(length), (part) => part.served[input]!)),
    statuses: statuses.map((_, input) => join(new Uint8Array(length), (part) => part.statuses[input]!)),
  }
}

const nothing: Pick<VectorsToCheck, 'asked' | 'served' | 'statuses'> = {
  asked: { length: 0, rows: [], t: new Float64Array(), offsets: [] },
  served: [],
  statuses: [],
}
