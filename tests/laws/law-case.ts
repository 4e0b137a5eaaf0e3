import type { FeaturesDefinition, StreamDefinition } from '../../src/language/define/definitions.ts'
import type { LawEvent } from './oracle.ts'

/** One case: a definition, a log and queries, under one law. Plain data, so that a failing one can be printed. */
export interface LawCase {
  readonly stream: StreamDefinition
  readonly definition: FeaturesDefinition
  /** In the order of arrival: positions and `knownAt` rise. An id may come in several revisions, in any order. */
  readonly events: readonly LawEvent[]
  readonly queries: readonly LawQuery[]
  /** Seed of what a law chooses by chance while it checks. */
  readonly salt: number
}

/** An entity at time t, seeing the events below a position of the log. */
export interface LawQuery {
  readonly entity: string
  readonly t: number
  readonly cut: number
}
