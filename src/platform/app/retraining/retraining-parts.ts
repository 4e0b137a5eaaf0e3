import type { Logger } from 'pino'
import type { Identity } from '../../../governance/identity.ts'
import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import type { AlertDesk } from '../../../operate/monitoring/alert-desk.ts'
import type { Lake } from '../../../stores/lake/lake.ts'
import type { EventLog } from '../../../stores/log/event-log.ts'
import type { Predictions } from '../../../stores/predictions/predictions.ts'
import type { TrainAnswer } from '../../api/training-answers.ts'
import type { ReleasingParts } from '../releasing.ts'
import type { UnderWay } from '../under-way.ts'

export interface RetrainingParts extends ReleasingParts {
  readonly project: ProjectDefinition
  readonly log: EventLog
  readonly lake: Lake
  readonly predictions: Predictions
  readonly desk: AlertDesk
  readonly logger: Logger
  readonly underWay: UnderWay
}

/** What a decision leads to. */
export interface RetrainingActs {
  /** Trains a candidate and registers it with the verdict of its gate. */
  readonly train: (model: string, author: Identity) => Promise<TrainAnswer>
  readonly promote: (model: string, version: number, by: Identity, reason: string) => Promise<unknown>
  /** Takes a version back that was seen serving. */
  readonly rollback: (model: string, expected: number, by: Identity, reason: string) => Promise<unknown>
}
