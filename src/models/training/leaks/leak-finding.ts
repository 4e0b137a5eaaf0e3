import type { LeakCode } from '../../../language/define/leak-definition.ts'

/** One place at which rows may tell what a model could not know when it is asked. */
export interface LeakFinding {
  readonly code: LeakCode
  /** `fail` stops a training; a `note` is for people and changes no verdict. */
  readonly severity: 'fail' | 'warn' | 'note'
  /** Name of the input; absent where it is about rows. */
  readonly input?: string
  /** One plain sentence. */
  readonly sentence: string
  /** The numbers behind it. */
  readonly evidence: Readonly<Record<string, number | string>>
  /** What to do. */
  readonly remedy: string
  /** Places of some rows among those of the dataset. */
  readonly examples: readonly number[]
}

/** A finding with the ids of its rows. */
export interface LeakFindingOfRows extends LeakFinding {
  readonly ids: readonly string[]
}

/** What a search for leaks came to: the worst severity, and what was found, worst first. */
export interface LeakReport<Finding extends LeakFinding = LeakFinding> {
  readonly verdict: 'pass' | 'warn' | 'fail'
  readonly rows: number
  readonly findings: readonly Finding[]
}

/** A report whose findings name rows by their ids. */
export type LeakReportOfRows = LeakReport<LeakFindingOfRows>

/** Most rows that a finding names. */
export const MOST_EXAMPLES = 5

/** A share as people read it. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`
}
