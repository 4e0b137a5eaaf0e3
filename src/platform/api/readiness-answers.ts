import type { Requirement } from '../../operate/readiness/requirements.ts'
import type { Actor } from './actor.ts'

export type { Requirement }

/** The requirements of a production system, computed for the version of a model that serves. */
export interface ReadinessAnswer {
  readonly model: string
  readonly version: number
  readonly digest: string
  /** How many of the twelve are met now. */
  readonly met: number
  readonly requirements: readonly Requirement[]
}

/** What is kept of a version, by the digest that it had for who found it. */
interface VersionEvidence {
  readonly version: number
  /** Of the version. */
  readonly digest: string
}

/** What somebody found who made a version again from its record. */
export interface RebuildEvidence extends VersionEvidence {
  readonly verdict: 'equal' | 'within_tolerance' | 'differs'
}

/** What came of making a version again; `within_tolerance` where the trainer promises no more than that, and keeps it. */
export interface RebuildAnswer extends RebuildEvidence {
  readonly model: string
  /** Digest of what was made; absent where nothing could be. */
  readonly rebuilt?: string
  /** Parts of the model that differ, such as `scorer`. */
  readonly parts: readonly string[]
  /** What differs of what it is made from, nearest first; of an equal one, what made no difference. */
  readonly differences: readonly {
    /** Where it stands in the record, such as `data.files.orders` or `environment.node`. */
    readonly input: string
    readonly sentence: string
  }[]
  readonly seconds: number
}

/** The build context of an image that somebody wrote. */
export interface PackageEvidence extends VersionEvidence {
  /** Of what it is to be built from: the bill of materials names every package and every part of the model. */
  readonly bill: string
  /** Reference of the image, and of its base where it was named. */
  readonly image: string
  readonly base?: string
  /** Requests a second that its replicas were computed for. */
  readonly target?: number
}

/** An image that somebody started. */
export interface ImageEvidence extends VersionEvidence {
  /** Reference by digest. */
  readonly image: string
  /** `ready`: it serves the version, which it does after its golden predictions alone. */
  readonly verdict: 'ready' | 'failed'
  readonly reason?: string
}

/** A runbook that was gone through as if it had happened. */
export interface DrillEvidence {
  readonly runbook: string
  readonly went: 'well' | 'badly'
  readonly reason: string
}

/** What is asked about readiness. Evidence is kept in the audit log. */
export interface ReadinessHost {
  /** @throws TruelineError `unknown_model`, `unknown_version` while none serves */
  of(model: string): Promise<ReadinessAnswer>
  /**
   * Makes a version again from its record, in a process of its own, and keeps what came of it.
   * @throws TruelineError `unknown_version`, `version_not_rebuildable`, and what a training throws
   */
  rebuild(
    model: string,
    version: number,
    actor: Actor,
    options?: { readonly onProgress?: (sentence: string, done: number) => void },
  ): Promise<RebuildAnswer>
  /**
   * Keeps what came of a rebuild elsewhere.
   * @throws TruelineError `unknown_version`, `invalid_arguments` for another digest than that of the version
   */
  keepRebuild(model: string, evidence: RebuildEvidence, actor: Actor): Promise<{ readonly kept: true }>
  /** @throws TruelineError as `keepRebuild` */
  keepPackage(model: string, evidence: PackageEvidence, actor: Actor): Promise<{ readonly kept: true }>
  /** @throws TruelineError as `keepRebuild` */
  keepImage(model: string, evidence: ImageEvidence, actor: Actor): Promise<{ readonly kept: true }>
  /** @throws TruelineError `not_found` for a runbook that there is not */
  keepDrill(evidence: DrillEvidence, actor: Actor): Promise<{ readonly kept: true }>
}
