import { canonicalJson } from '../../core/canonical.ts'
import type { DataType, Schema } from '../../core/data-type.ts'
import type { Digest } from '../../core/digest.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import { planVector, type VectorInput, type VectorPlan } from '../../data/features/vector.ts'
import { bandsOf, namedDecisions } from '../../language/define/decision-bands.ts'
import type { DecisionDefinition } from '../../language/define/decision-definition.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { adverseCodes } from './adverse-reasons.ts'
import { fallbackOf } from './fallback.ts'
import { usedColumns } from './used-columns.ts'

/** What a row without a value of a column gets: a refusal, null, or the column's default. */
export type MissingPolicy = 'refuse' | 'null' | 'default'

/** A column of the rows that ask: its type with its domain, and what it means that a row has no value of it. */
export interface ContractColumn extends Omit<DataType, 'nullable'> {
  readonly missing: MissingPolicy
  /** Whether the model needs it; any other is only checked and kept. */
  readonly used: boolean
}

/** What a version of a model takes and gives: plain data, a part of the version, with a digest of its own. */
export interface ModelContract {
  /** Version of this form. */
  readonly contract: 1
  readonly model: string
  /** What a row that asks by entity must look like; it may have no other columns. */
  readonly request: {
    readonly columns: Readonly<Record<string, ContractColumn>>
    /** The column that is t; absent: t is the moment of the prediction. */
    readonly time?: string
  }
  /** What whoever brings the vector sends, one tensor each. */
  readonly inputs: readonly Pick<VectorInput, 'name' | 'type' | 'scale'>[]
  readonly response: {
    /** A probability from 0 to 1, or a number in the outcome's own unit. */
    readonly score: { readonly kind: 'probability' | 'value'; readonly min?: number; readonly max?: number }
    /** Of a model of several classes all of them, in the order of outputs; the score is the probability of the likeliest. */
    readonly classes?: readonly string[]
    /** Every decision that an answer can carry, by name; none when the model gives scores alone. */
    readonly decisions: readonly string[]
    /** Codes that say why it was decided so, where an answer is asked to say it; absent where there are none. */
    readonly reasons?: readonly string[]
    /** The decision of a row that is not as the request says. */
    readonly fallback?: string
    /** Codes by which a row is refused that is not as the request says. */
    readonly errors: readonly ErrorCode[]
  }
}

/** A version's contract with the digest by which answers name it. */
export interface ServedContract {
  readonly content: ModelContract
  readonly digest: Digest
}

/**
 * The contract of a model as it is defined. Its variants have the same one, so that either can serve in place of the
 * other without any caller noticing.
 */
export function contractOf(model: ModelDefinition, project: ProjectDefinition, plan: VectorPlan): ModelContract {
  const used = usedColumns(model, planVector(model, project))
  const { schema } = project.streams[model.at]!
  const columns = Object.entries(schema).map(([name, type]) => [name, columnOf(type, used.has(name))] as const)
  const fallback = fallbackOf(model.serve, 'invalid')
  const { classes } = model.label
  const request = { columns: Object.fromEntries(columns) }
  return {
    contract: 1,
    model: model.name,
    request: model.time === undefined ? request : { ...request, time: model.time },
    inputs: plan.inputs.map(({ name, type, scale }) => (scale === undefined ? { name, type } : { name, type, scale })),
    response: {
      score: model.task === 'regression' ? { kind: 'value' } : { kind: 'probability', min: 0, max: 1 },
      ...(classes === undefined ? {} : { classes }),
      decisions: namedDecisions(model).toSorted(),
      ...reasonsOf(model),
      ...(fallback === undefined ? {} : { fallback }),
      errors: rowFaults(schema),
    },
  }
}

function columnOf({ nullable, ...type }: DataType, used: boolean): ContractColumn {
  if (type.default !== undefined) return { ...type, missing: 'default', used }
  return { ...type, missing: nullable === true || !used ? 'null' : 'refuse', used }
}

/** The schema that rows are read by. */
export function rowSchemaOf({ request }: ModelContract): Schema {
  const columns = Object.entries(request.columns).map(([name, { missing, used, ...type }]) => [
    name,
    missing === 'null' ? { ...type, nullable: true } : type,
  ])
  return Object.fromEntries(columns) as Schema
}

function reasonsOf(model: ModelDefinition): Pick<ModelContract['response'], 'reasons'> {
  const { serve } = model
  const { decision, overrides = [] } = serve
  if (namedDecisions(model).length === 0) return {}
  const given = [...reasonsOfScores(decision), ...overrides.map(({ reason }) => reason)]
  const lacking =
    typeof serve.fallback === 'object' && serve.fallback.missing !== undefined
      ? ['missing_features', 'stale_features']
      : []
  const adverse = serve.adverse === undefined ? [] : adverseCodes(serve)
  return { reasons: [...new Set([...given, ...lacking, ...adverse, 'by_hand'])].sort() }
}

/** Codes of what the scores alone decide; none say why a class is the likeliest. */
function reasonsOfScores(decision: DecisionDefinition | undefined): string[] {
  if (decision === undefined) return []
  if (decision.kind === 'class_costs') return decision.costs.map((one) => one.decision)
  if (decision.kind === 'class_thresholds')
    return decision.thresholds.map(({ decision: named, reason }) => reason ?? named)
  return bandsOf(decision).map(({ reason }) => reason)
}

/** Codes that the types of some columns can be refused with. */
function rowFaults(schema: Schema): ErrorCode[] {
  const faults = new Set<ErrorCode>(['malformed_row', 'missing_column', 'unknown_column', 'wrong_type'])
  for (const { type, min, max, oneOf, unknown } of Object.values(schema)) {
    if (type === 'string') faults.add('invalid_string')
    else if (type !== 'bool') faults.add('not_finite').add('out_of_domain')
    if (type === 'timestamp') faults.add('invalid_timestamp')
    if (min !== undefined || max !== undefined || (oneOf !== undefined && unknown === undefined))
      faults.add('out_of_range')
  }
  return [...faults].sort()
}

/** A contract as the bytes that are kept, the same for equal contracts. */
export function encodeContract(contract: ModelContract): Uint8Array {
  return new TextEncoder().encode(canonicalJson(contract))
}

/**
 * The contract in an artifact's bytes; undefined for one from before contracts said all of this, which is made again
 * from the definitions of its version.
 * @throws TruelineError `artifact_corrupt`
 */
export function decodeContract(bytes: Uint8Array): ModelContract | undefined {
  let content: Partial<ModelContract> | null
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Partial<ModelContract> | null
  } catch (cause) {
    throw new TruelineError('artifact_corrupt', 'The contract of a model cannot be read.', { cause })
  }
  if (content?.contract === 1) return content as ModelContract
  if (content?.contract === undefined && content?.request !== undefined) return undefined
  throw new TruelineError('artifact_corrupt', 'The contract of a model is of a form that is not known.')
}
