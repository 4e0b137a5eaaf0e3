/** What became of the rows of one ingest call: they are taken one by one. */
export interface IngestAnswer {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: readonly {
    readonly index: number
    readonly code: string
    readonly reason: string
    readonly id?: string
  }[]
}
