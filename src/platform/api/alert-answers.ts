import type { Alert } from './contract.ts'

/** A test alert that the receiver of alerts took. */
export interface TestAlertAnswer {
  /** The receiver, without the path, which is often a secret. */
  readonly host: string
  readonly alert: Alert
}
