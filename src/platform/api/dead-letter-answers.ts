/** Which dead letters are meant: one by its number, or all open ones of a stream, or of a code of it. */
export interface DeadLetterChoice {
  readonly letter?: number
  readonly stream?: string
  readonly code?: string
}

/** How rows are changed before they are tried again; nothing of it: as they are. */
export interface DeadLetterFix extends DeadLetterChoice {
  /** Assignments in their order, such as `amount = number(trim(amount))`. */
  readonly set?: readonly string[]
  /** Members of the row to leave out. */
  readonly drop?: readonly string[]
  /** The whole row by hand, for one letter. */
  readonly row?: unknown
  /** Without it nothing changes: the answer tells what would. */
  readonly apply?: boolean
}

/** What became of dead letters that were tried again, or would. */
export interface DeadLetterFixAnswer {
  readonly applied: boolean
  /** Open letters that are meant. */
  readonly matched: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  /** Left alone: part of the row was never kept. */
  readonly incomplete: number
  /** The rejected ones by their code. */
  readonly codes: Readonly<Record<string, number>>
  /** The first few, with the row before and after. */
  readonly examples: readonly {
    readonly letter: number
    readonly before: string
    readonly after: string
    readonly outcome: 'accepted' | 'duplicate' | 'rejected'
    readonly code?: string
    readonly reason?: string
  }[]
}
