import type { Digest } from '../../core/digest.ts'
import type { DecisionKind } from '../../governance/approval-policy.ts'
import type { Approval } from '../../governance/approvals.ts'
import type { Identity } from '../../governance/identity.ts'
import type { VersionApprovalRow, VersionJudgementRow } from '../../stores/metadata/registry-tables.ts'
import type { ModelVersionRow, VersionDecisionRow } from '../../stores/metadata/tables.ts'
import type { ModelManifest } from './manifest.ts'

/** The model as defined, or the baseline: the same without windowed features. */
export type ModelVariant = 'full' | 'without_windows'

export type VersionState = 'candidate' | 'approved' | 'rejected' | 'retired'

/** The state that each decision leads to; without a decision a version is a candidate. */
export const stateAfter = { approve: 'approved', reject: 'rejected', retire: 'retired' } as const satisfies Record<
  DecisionKind,
  VersionState
>

/** The state of a version, with a word of their own for candidates that nobody is to decide on. */
export type VersionStanding = VersionState | 'failed' | 'baseline'

/** What the gate said of a version; training writes more beside it, all of which is kept. */
export interface GateVerdict {
  readonly verdict: 'pass' | 'fail' | 'insufficient'
  /** One plain sentence. */
  readonly sentence: string
}

/** What was decided on a version. */
export interface VersionDecision {
  readonly decision: DecisionKind
  readonly reason: string | null
  readonly by: Identity
  /** Microseconds. */
  readonly at: number
}

/** What a gate said of a version after it was registered. */
export interface VersionJudgement {
  readonly result: GateVerdict
  /** Digest of the gate as it was defined. */
  readonly gate: Digest
  /** The run that judged it. */
  readonly runId: string
  readonly by: Identity
  /** Microseconds. */
  readonly at: number
}

/** A trained model in the registry. Nothing of it ever changes; what is decided on it is added. */
export interface ModelVersion {
  readonly model: string
  /** 1 for the first of a model, then rising by one. */
  readonly version: number
  readonly digest: Digest
  readonly variant: ModelVariant
  readonly manifest: ModelManifest
  /** Artifacts that belong to it but are no part of its digest, such as an export to ONNX. */
  readonly attachments: Readonly<Record<string, Digest>>
  /** Digest of the project's definitions that it was trained and is served with: see `readVersionDefinition`. */
  readonly definitionDigest: Digest
  /** As training wrote it. */
  readonly evaluation: unknown
  /** What a gate said of it last; null when none judged it. */
  readonly gate: GateVerdict | null
  /** What the gate said when it was registered. */
  readonly gateAtFirst: GateVerdict | null
  /** What gates said later, oldest first: each time that the gate had changed. */
  readonly judgements: readonly VersionJudgement[]
  readonly runId: string
  readonly author: Identity
  /** Microseconds. */
  readonly createdAt: number
  readonly state: VersionState
  /** Oldest first; the last of approvals enough is a decision, too. */
  readonly approvals: readonly Approval[]
  /** Oldest first. */
  readonly decisions: readonly VersionDecision[]
}

/**
 * How a version stands: a candidate that failed its gate can never be approved, and the baseline is what others are compared
 * with, so that neither waits for a decision.
 */
export function versionStanding({
  state,
  variant,
  gate,
}: Pick<ModelVersion, 'state' | 'variant' | 'gate'>): VersionStanding {
  if (state !== 'candidate') return state
  if (gate?.verdict === 'fail') return 'failed'
  return variant === 'without_windows' ? 'baseline' : 'candidate'
}

/** A version's name in messages and in the audit log, such as `late_flight/3`. */
export function versionName(model: string, version: number): string {
  return `${model}/${version}`
}

/** A version from its row and those of the approvals, decisions and judgements on it, oldest first. */
export function modelVersionOf(
  row: ModelVersionRow,
  approvals: readonly VersionApprovalRow[],
  decided: readonly VersionDecisionRow[],
  judged: readonly VersionJudgementRow[],
): ModelVersion {
  const last = decided.at(-1)
  const judgements = judged.map(judgementOf)
  const gateAtFirst: GateVerdict | null = row.gate === null ? null : JSON.parse(row.gate)
  return {
    model: row.model,
    version: row.version,
    digest: row.digest as Digest,
    variant: row.variant,
    manifest: JSON.parse(row.manifest),
    attachments: JSON.parse(row.attachments),
    definitionDigest: row.definition_digest as Digest,
    evaluation: JSON.parse(row.evaluation),
    gate: judgements.at(-1)?.result ?? gateAtFirst,
    ...{ gateAtFirst, judgements },
    runId: `run-${row.run}`,
    author: { name: row.author_name, asserted: row.author_asserted === 1 },
    createdAt: row.created_at,
    state: last === undefined ? 'candidate' : stateAfter[last.decision],
    approvals: approvals.map(({ by_name, by_asserted, reason, at }) => ({
      ...{ by: { name: by_name, asserted: by_asserted === 1 }, reason, at },
    })),
    decisions: decided.map(decisionOf),
  }
}

function judgementOf(row: VersionJudgementRow): VersionJudgement {
  const by = { name: row.by_name, asserted: row.by_asserted === 1 }
  return { result: JSON.parse(row.result), gate: row.gate as Digest, runId: `run-${row.run}`, by, at: row.at }
}

function decisionOf(row: VersionDecisionRow): VersionDecision {
  const by = { name: row.by_name, asserted: row.by_asserted === 1 }
  return { decision: row.decision, reason: row.reason, by, at: row.at }
}
