import type { Alert } from './contract.ts'

/** Which alerts are asked for: all of them unless told. */
export interface AlertQuery {
  /** The same as the state `open`. */
  readonly open?: boolean | undefined
  readonly state?: 'open' | 'resolved' | undefined
  /** What it is about: a model, or such as stream/NAME and source/NAME. */
  readonly model?: string | undefined
  /** Opened within [from, to), microseconds. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** 50 unless given. */
  readonly limit?: number | undefined
  readonly offset?: number | undefined
  readonly cursor?: string | undefined
}

/** A test alert that the receiver of alerts took. */
export interface TestAlertAnswer {
  /** The receiver, without the path, which is often a secret. */
  readonly host: string
  readonly alert: Alert
}
