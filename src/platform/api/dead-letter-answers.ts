import { type Static, Type } from 'typebox'

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

export const DeadLetterState = Type.Union([
  Type.Literal('open'),
  Type.Literal('fixed'),
  Type.Literal('replayed'),
  Type.Literal('discarded'),
])
export type DeadLetterState = Static<typeof DeadLetterState>

/** A row that was not accepted, and what became of it. */
export const DeadLetter = Type.Object({
  letter: Type.Integer(),
  stream: Type.String(),
  /** Where it was refused: as it came (`ingest`), in a file of history (`import`), or as an outcome (`label`). */
  scope: Type.String(),
  receivedAt: Type.Number(),
  code: Type.String(),
  reason: Type.String(),
  path: Type.Optional(Type.String()),
  /** JSON text, sensitive values masked, cut where it is very long. */
  row: Type.String(),
  /** Whether anything of the row is masked or cut: then it can be tried again only by hand. */
  partial: Type.Boolean(),
  source: Type.Optional(Type.String()),
  state: DeadLetterState,
  attempts: Type.Integer(),
})
export type DeadLetter = Static<typeof DeadLetter>

/** GET /api/v1/deadletters?stream=&code=&state=&limit=10&offset=0, newest first; totals and counts are of all that match */
export const DeadLetterPage = Type.Object({
  /** received = accepted + duplicates + rejected, of each stream that the query is about. */
  streams: Type.Array(
    Type.Object({
      name: Type.String(),
      received: Type.Number(),
      accepted: Type.Number(),
      duplicates: Type.Number(),
      rejected: Type.Number(),
      mended: Type.Number(),
    }),
  ),
  total: Type.Integer(),
  counts: Type.Record(Type.String(), Type.Integer()),
  groups: Type.Array(Type.Object({ stream: Type.String(), code: Type.String(), count: Type.Integer() })),
  rows: Type.Array(DeadLetter),
})
export type DeadLetterPage = Static<typeof DeadLetterPage>

/** Something that was done with a dead letter. */
export const DeadLetterChange = Type.Object({
  at: Type.Number(),
  by: Type.String(),
  outcome: Type.Union([
    Type.Literal('accepted'),
    Type.Literal('duplicate'),
    Type.Literal('rejected'),
    Type.Literal('discarded'),
  ]),
  /** How the row was changed. */
  how: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  /** The row that was tried, masked. */
  row: Type.Optional(Type.String()),
})
export type DeadLetterChange = Static<typeof DeadLetterChange>

/** GET /api/v1/deadletters/{letter} */
export const DeadLetterDetail = Type.Object({
  ...DeadLetter.properties,
  history: Type.Array(DeadLetterChange),
  /** What would mend it, in words, and the arguments of `deadletters fix` that do, where some were found to. */
  remedy: Type.String(),
  mend: Type.Optional(Type.Object({ set: Type.Array(Type.String()), drop: Type.Array(Type.String()) })),
})
export type DeadLetterDetail = Static<typeof DeadLetterDetail>
