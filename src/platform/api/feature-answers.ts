import type { GroupFreshness } from '../../data/features/freshness.ts'

export interface FeatureReading {
  readonly name: string
  readonly value: number | string | boolean | null
  readonly status: 'value' | 'null' | 'empty' | 'unknown_key'
}

/** What is asked about entities: see `Platform.retrieve`. */
export interface FeatureQuery {
  /** Each is a `group`, for all of its features, or a `group.feature`. */
  readonly features: readonly string[]
  /** By key column, the value of each entity. */
  readonly keys: Readonly<Record<string, readonly unknown[]>>
  /** The time of the question, microseconds; now unless given. */
  readonly at?: number | undefined
}

/** Features of entities, column by column; item i of each column belongs to entity i. */
export interface FeatureColumns {
  /** The time of the question, microseconds. */
  readonly t: number
  /** Of each group. */
  readonly freshness: readonly GroupFreshness[]
  readonly features: readonly {
    /** `group.feature` */
    readonly name: string
    readonly values: readonly FeatureReading['value'][]
    readonly statuses: readonly FeatureReading['status'][]
  }[]
}
