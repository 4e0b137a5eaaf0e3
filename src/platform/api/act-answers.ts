/** An act of a person or of the platform, as the audit log holds it. */
export interface ActAnswer {
  readonly sequence: number
  /** Microseconds. */
  readonly at: number
  readonly by: string
  /** Such as `version.approve`. */
  readonly action: string
  /** Such as `late_flight/3`. */
  readonly target: string
  readonly reason?: string | undefined
  readonly before?: unknown
  readonly after?: unknown
  /** Of this entry and, through those before it, of all of them. */
  readonly digest: string
}

/** Which acts are asked for: all of them unless told. */
export interface ActQuery {
  readonly target?: string | undefined
  readonly by?: string | undefined
  /** A text within the act, its target, its reason or the name of who did it. */
  readonly search?: string | undefined
  /** Done within [from, to), microseconds. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

export interface ActPage {
  readonly acts: readonly ActAnswer[]
  readonly next: string | null
}

/** Whether the audit log is what was written. */
export type ActsVerified =
  | {
      readonly intact: true
      readonly entries: number
      /** Kept elsewhere, it proves later that nothing before it was changed or taken away. */
      readonly head: { readonly sequence: number; readonly digest: string }
    }
  | {
      readonly intact: false
      /** Entries before the fault. */
      readonly entries: number
      readonly broken: { readonly sequence: number; readonly why: string }
    }
