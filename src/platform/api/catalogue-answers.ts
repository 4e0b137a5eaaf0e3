/** What is read of the catalogue by name. */
export interface CatalogueQuery {
  /** Words that name, description, owner, logic, stream or entity must have, all of them. */
  readonly search?: string | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/** Who reads a feature. */
export interface FeatureConsumer {
  readonly kind: 'model' | 'derived'
  readonly name: string
  /** Of a model: the version that reads it; absent for one that was not released yet. */
  readonly version?: number
  /** Whether that version serves now. */
  readonly serving?: boolean
}

/** What the catalogue says of a feature. Times and ages are microseconds. */
export interface CatalogueFeature {
  /** What it is asked for by: its name, and for an older definition `name@` and the beginning of its digest. */
  readonly id: string
  /** `group.feature` */
  readonly name: string
  readonly kind: 'windowed' | 'derived' | 'request' | 'table'
  /** Absent for one that depends on the row that asks, when no model reads it. */
  readonly type?: string
  readonly description?: string
  readonly owner?: string
  readonly entity?: string
  /** The stream whose events it is made of. */
  readonly from?: string
  /** In words, and as an expression. */
  readonly logic: string
  readonly expression: string
  /** Of the group or table; absent for what is computed from other values. */
  readonly digest?: string
  /** Whether its definition is in force; else it is kept for the versions that read it. */
  readonly inForce: boolean
  readonly freshness?: { readonly promised?: number; readonly age?: number; readonly degraded: boolean }
  /** Of its group, which all features of the group share. */
  readonly state?: { readonly entities: number; readonly bytesPerEntity?: number }
  readonly consumers: readonly FeatureConsumer[]
  /** What the rows looked like that a version was trained on; one that was imported is compared with them, and was not. */
  readonly trainedOn?: {
    readonly model: string
    readonly version: number
    readonly rows: number
    readonly nullRate: number
    readonly imported?: true
  }
  /** What parity audits found within the last day. */
  readonly parity?: {
    readonly checked: number
    readonly mismatches: number
    readonly causes: Readonly<Record<string, number>>
    readonly at?: number
  }
}

/** A page of the catalogue. */
export interface CataloguePage {
  readonly sentence: string
  /** Features that the search found. */
  readonly total: number
  readonly features: readonly CatalogueFeature[]
}

/** Values in bins of about as many each; the first and the last bin have no end. */
export type ValueBins = readonly {
  readonly from?: number
  readonly to?: number
  readonly count: number
}[]

/** A feature with how its values are distributed. */
export interface CatalogueDetail extends CatalogueFeature {
  readonly sentence: string
  /** The values of `trainedOn`. */
  readonly distribution?: ValueBins
  /** What entities of its group would be answered now; absent where it is not of the state of a group, or nothing is known. */
  readonly live?: {
    /** Time of the question. */
    readonly at: number
    /** How many were asked about: up to a thousand. */
    readonly entities: number
    readonly nullRate: number
    /** Absent for texts, and where none has a value. */
    readonly distribution?: ValueBins
  }
}
