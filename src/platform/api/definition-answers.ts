import type { Digest } from '../../core/digest.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { FeatureReading } from './feature-answers.ts'

/** The definitions that a data directory is run with, and what serves by them. */
export interface DefinitionsNow {
  readonly digest: Digest
  readonly definition: ProjectDefinition
  /** Versions that may serve, with the definitions that each was trained with. */
  readonly versions: readonly {
    readonly model: string
    readonly version: number
    readonly variant: 'full' | 'without_windows'
    readonly definition: ProjectDefinition
  }[]
  /** What is to be known of sources whose times name no zone, in words, by their names. */
  readonly localTimes: Readonly<Record<string, string>>
}

/** A definition that means something else than before, itself or by what it depends on. */
export interface DefinitionChange {
  readonly kind:
    | 'source'
    | 'stream'
    | 'entity'
    | 'features'
    | 'table'
    | 'request'
    | 'derived'
    | 'model'
    | 'batch'
    | 'raw_model'
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed'
  /** Digests of the meanings: absent where there is none. */
  readonly before?: Digest
  readonly after?: Digest
}

/** A member of a model's definition that is part of no meaning, or of more than that: who may, what guards it, how it runs. */
export interface GovernanceChange {
  readonly model: string
  readonly concern: 'who_may' | 'guards' | 'runs'
  /** Where it stands in the definition, such as `approvals.of`. */
  readonly member: string
  /** What it was and is: `+ carl, - ben`, or `1 -> 2`. */
  readonly words: string
}

/** A member of a definition that is another one than before, prose aside, where the definition itself stays. */
export interface MemberChange {
  /** Of what a project has at most one of, the kind is the name too. */
  readonly kind: DefinitionChange['kind'] | 'alerts' | 'predictions' | 'limits'
  readonly name: string
  /** Where it stands in the definition, such as `freshness` or `serve.fallback.timeout`. */
  readonly member: string
  /** What it was and is: `+ notNull amount, - range of amount`, or `1h -> 30m`. */
  readonly words: string
  /** Whether the digest of the definition covers it; what it does not is watched, or how it is run. */
  readonly isMeaning: boolean
  /** Definitions that depend on this one, directly or not, such as `model late`. */
  readonly dependents: readonly string[]
}

/** A version and some of the groups and tables that it reads. */
export interface VersionReads {
  readonly model: string
  readonly version: number
  readonly features: readonly string[]
}

/** What would change if the definitions of a project file came into force. */
export interface DefinitionPlan {
  /** Names this plan: the definitions before and after it, prose included. */
  readonly plan: Digest
  /** Null when none are in force yet. */
  readonly before: Digest | null
  readonly after: Digest
  /** Everything that means something else then, dependents included. */
  readonly changes: readonly DefinitionChange[]
  /** Why a platform that runs cannot take the change before its next start; absent where it can. */
  readonly restart?: string
  /** Each member that differs, of definitions that both have, beside those of `governance`. */
  readonly members: readonly MemberChange[]
  /** What differs in how models are governed and run, who may act on them first. */
  readonly governance: readonly GovernanceChange[]
  /** Reference tables without history: training sees their rows of today in rows of long ago. */
  readonly static: readonly string[]
  /** Versions that may serve and go on with features or tables as they were before, which are kept for them. */
  readonly keeps: readonly VersionReads[]
  /** Versions that could not serve any more, with what the streams could no longer feed. */
  readonly stops: readonly VersionReads[]
  /** What may be a mistake of the project file, and may be meant. */
  readonly warnings: readonly string[]
}

/** One feature under two definitions, at the same moments and with the same events seen. */
export interface FeatureComparison {
  readonly feature: string
  readonly change: 'same' | 'differs' | 'added' | 'removed'
  /** Moments at which value and status are the same bits, and at which they are not. */
  readonly equal: number
  readonly different: number
  /** Of the values that differ and are numbers under both. */
  readonly meanDifference?: number
  readonly largestDifference?: number
  readonly examples: readonly {
    readonly key: Readonly<Record<string, unknown>>
    /** Microseconds. */
    readonly t: number
    readonly before: FeatureReading['value']
    readonly after: FeatureReading['value']
    readonly statuses: readonly [before: string, after: string]
  }[]
}

export interface GroupComparison {
  /** Moments compared, spread over the log. */
  readonly moments: number
  readonly features: readonly FeatureComparison[]
}

/** A group of features that was filled from the log. */
export interface SwitchedGroup {
  readonly name: string
  readonly digest: Digest
  readonly seconds: number
  readonly entities: number
  /** With the group of the same name that was in force; absent where there was none. */
  readonly comparison?: GroupComparison
}

/** What other definitions change, and whether they are in force now. */
export interface SwitchAnswer extends DefinitionPlan {
  readonly groups: readonly SwitchedGroup[]
  readonly inForce: boolean
}
