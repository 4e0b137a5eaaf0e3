import type { VersionStanding } from '../../models/registry/model-version.ts'
import type { GateResult } from '../../models/training/gate.ts'
import type { ModelContract } from '../../operate/serving/model-contract.ts'
import type { ModelCard } from './decision-answers.ts'

/** An approval, and who gave it. */
export interface ApprovalAnswer {
  readonly by: string
  readonly reason: string | null
  /** Microseconds. */
  readonly at: number
}

/** How the approvals of a version stand. */
export interface ApprovalStandingAnswer {
  readonly needed: number
  readonly given: readonly ApprovalAnswer[]
  readonly missing: number
  /** Who may still approve; null where anybody may who did not make the version. */
  readonly open: readonly string[] | null
}

/** A registered model as a list shows it. */
export interface RegisteredModelAnswer {
  readonly name: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  /** Whether the project defines it, so that its policy holds. */
  readonly governed: boolean
  readonly aliases: Readonly<Record<string, number>>
  /** The highest number that a version got; null when there was none. */
  readonly newest: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

export interface RegisteredModelPage {
  readonly models: readonly RegisteredModelAnswer[]
  readonly next: string | null
}

/** A version of a registered model as a list shows it. */
export interface ListedVersionAnswer
  extends Pick<
    VersionAnswer,
    | 'model'
    | 'version'
    | 'state'
    | 'standing'
    | 'serving'
    | 'aliases'
    | 'stage'
    | 'description'
    | 'author'
    | 'createdAt'
    | 'run'
  > {
  /** Absent of a version that was logged and has no contract. */
  readonly digest?: string
  readonly gate?: Pick<JudgementAnswer, 'verdict' | 'sentence'> | null
  readonly approvals?: readonly ApprovalAnswer[]
}

export interface ListedVersionPage {
  readonly versions: readonly ListedVersionAnswer[]
  readonly next: string | null
}

/** What is on record about a version. */
export interface VersionAnswer {
  readonly model: string
  readonly version: number
  /** `logged` until it is given a contract. */
  readonly state: 'logged' | 'candidate' | 'approved' | 'rejected' | 'retired'
  /** Its state, but `failed` or `baseline` of a candidate that waits for no decision. */
  readonly standing: 'logged' | VersionStanding
  readonly serving: boolean
  readonly aliases: readonly string[]
  readonly stage: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  readonly author: string
  readonly createdAt: number
  readonly run: string | null
  /** Where its files are, of a version that was logged. */
  readonly source: string | null
  /** What it takes and gives, as whoever logged it said; null when nobody did. */
  readonly signature: unknown
  /** Absent of a version that was logged and has no contract. */
  readonly servable?: ServableAnswer
}

/** What the gate said of a version, with its comparisons where they were kept. */
export interface JudgementAnswer extends Partial<Pick<GateResult, 'checks' | 'behaviour' | 'holdout'>> {
  readonly verdict: string
  readonly sentence: string
}

/** What a version that can serve is made of, how good it is, and who approved it. */
export interface ServableAnswer {
  readonly digest: string
  readonly variant: 'full' | 'without_windows'
  readonly author: string
  readonly createdAt: number
  readonly definition: string
  /** Digest of each feature or group of features that it reads. */
  readonly features: Readonly<Record<string, string>>
  /** Digest of each part and attachment. */
  readonly parts: Readonly<Record<string, string>>
  readonly contract: ModelContract
  /** What its scorer takes of a row, in that order: inputs, or what encodings make of them. */
  readonly takes: readonly { readonly name: string; readonly type: string }[]
  /** What its training was given: the trainer's parameters. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** As training wrote it. */
  readonly evaluation: unknown
  /** What its gate said last. */
  readonly gate: JudgementAnswer | null
  /** What gates said before, oldest first; absent of a version that was judged once at most. */
  readonly judgedBefore?: readonly Pick<JudgementAnswer, 'verdict' | 'sentence'>[]
  readonly approvals: ApprovalStandingAnswer
  readonly decisions: readonly (ApprovalAnswer & { readonly decision: 'approve' | 'reject' | 'retire' })[]
  readonly card: Omit<ModelCard, 'rulesByHand'>
}

/** What served at a time, and who approved it; `served` is null where nothing did. */
export interface ServedAnswer {
  readonly model: string
  /** Microseconds. */
  readonly at: number
  readonly served: {
    readonly version: number
    readonly digest: string
    readonly from: number
    /** Null while it serves. */
    readonly until: number | null
    readonly change: 'promote' | 'rollback'
    readonly by: string
    readonly reason: string | null
    /** Who had it trained, or imported it. */
    readonly author: string
    /** Of a version that was logged: by whom. */
    readonly loggedBy?: string
    readonly approvals: readonly ApprovalAnswer[]
  } | null
}

/** Where an alias stands from a time on. */
export interface AliasAnswer {
  readonly alias: string
  /** Null where it was taken away. */
  readonly version: number | null
  readonly from: number
  /** Of `champion` of a governed model. */
  readonly change?: 'promote' | 'rollback'
  readonly by: string
  readonly reason: string | null
}

export interface AliasPage {
  readonly changes: readonly AliasAnswer[]
  readonly next: string | null
}
