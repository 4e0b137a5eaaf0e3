import type { Requirement } from '../../operate/readiness/requirements.ts'
import type { Actor } from './actor.ts'

/** The requirements of a production system, computed for the version of a model that serves. */
export interface ReadinessAnswer {
  readonly model: string
  readonly version: number
  readonly digest: string
  /** How many of the twelve are met now. */
  readonly met: number
  readonly requirements: readonly Requirement[]
}

/** What somebody found who made a version again from its record. */
export interface RebuildEvidence {
  readonly version: number
  /** Of the version that was made again. */
  readonly digest: string
  readonly verdict: 'equal' | 'within_tolerance' | 'differs'
}

/** What is asked about readiness. */
export interface ReadinessHost {
  /** @throws TruelineError `unknown_model`, `unknown_version` while none serves */
  of(model: string): Promise<ReadinessAnswer>
  /**
   * Keeps what came of a rebuild in the audit log.
   * @throws TruelineError `unknown_version`, `invalid_arguments` for another digest than that of the version
   */
  keepRebuild(model: string, evidence: RebuildEvidence, actor: Actor): Promise<{ readonly kept: true }>
}
