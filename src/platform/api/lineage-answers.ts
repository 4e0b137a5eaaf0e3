/** A thing in the lineage. */
export interface LineageThing {
  /** `kind:name`, such as `version:late_flight/3`: what to ask about it by. */
  readonly id: string
  readonly kind: string
  readonly name: string
  /** When it came into being, microseconds; absent where that is not known. */
  readonly at?: number
  readonly facts: Readonly<Record<string, unknown>>
}

/** What something was made from, and what was made from it. */
export interface LineageAnswer {
  /** Id of what was asked about. */
  readonly of: string
  /** Nearest first, what was asked about among them. */
  readonly nodes: readonly LineageThing[]
  /** From what was used to what was made of it, by ids. */
  readonly edges: readonly { readonly from: string; readonly to: string }[]
  /** There is more than the most that were asked for. */
  readonly cut: boolean
  /** Of each version among what was made from it: what it has decided. */
  readonly impact: readonly VersionImpact[]
}

/** What a version has done since it exists. */
export interface VersionImpact {
  readonly model: string
  readonly version: number
  /** When it served, microseconds; the last stretch has no end while it serves. */
  readonly served: readonly { readonly from: number; readonly to?: number }[]
  /** Its predictions that are logged and kept. */
  readonly predictions: number
}
