import type { Logger } from 'pino'
import type { Clock } from '../../../core/clock.ts'
import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import type { AlertDesk } from '../../../operate/monitoring/alert-desk.ts'
import type { Artifacts } from '../../../stores/artifacts/artifacts.ts'
import type { Lake } from '../../../stores/lake/lake.ts'
import type { EventLog } from '../../../stores/log/event-log.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import type { Servings } from '../predicting.ts'
import type { UnderWay } from '../under-way.ts'
import type { ProcessLimits } from './watch-limits.ts'

/** What came of the project's own tests that concern a model. */
export interface ProjectTestsReport {
  readonly passed: number
  readonly failed: number
  /** Tests that could not be run to their end. */
  readonly errors: number
  /** Tests of what the model does not use, which were not run. */
  readonly others: number
  readonly unmet: readonly UnmetTest[]
}

/** A test that did not pass. */
export interface UnmetTest {
  /** With its file. */
  readonly name: string
  /** Why, a line each. */
  readonly causes: readonly string[]
}

/** For what, and within what, the tests are run. */
export interface ProjectTestsOptions {
  /** Name of the model that is trained once they have passed. */
  readonly model: string
  /** The data directory. */
  readonly directory: string
  readonly limits: ProcessLimits
  readonly signal: AbortSignal
}

/** Runs the project's own tests that concern a model; undefined where it has none at all. */
export type ProjectTests = (options: ProjectTestsOptions) => Promise<ProjectTestsReport | undefined>

/** What trainings are made of. */
export interface TrainingParts {
  readonly project: ProjectDefinition
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly log: EventLog
  readonly lake: Lake
  readonly servings: Servings
  readonly clock: Clock
  readonly logger: Logger
  readonly desk: AlertDesk
  readonly underWay: UnderWay
  readonly directory: { readonly path: string }
  /** Folder for the files of runs in progress. */
  readonly workFolder: string
  /** Folder of the outputs of steps. */
  readonly cacheFolder: string
  /** Folder of the project, where its programs run. */
  readonly projectFolder: string
  /** Undefined where the project is no file. */
  readonly projectTests: ProjectTests | undefined
}
