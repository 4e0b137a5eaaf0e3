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

/** What came of the project's own tests. */
export interface ProjectTestsReport {
  readonly passed: number
  readonly failed: number
  /** Tests that could not be run to their end. */
  readonly errors: number
  /** Names of those that did not pass, with their files. */
  readonly unmet: readonly string[]
}

/** Runs the project's own tests; undefined where it has none. */
export type ProjectTests = (
  directory: string,
  limits: ProcessLimits,
  signal: AbortSignal,
) => Promise<ProjectTestsReport | undefined>

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
