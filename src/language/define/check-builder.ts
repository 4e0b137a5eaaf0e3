import { TruelineError } from '../../core/errors.ts'
import type { CheckBounds, CheckDefinition, CheckSeverity, Tolerance } from './check-definition.ts'
import { withHidden } from './mentions.ts'
import type { Requires } from './requirement.ts'

/** A check with the columns that it requires of a row. */
export type Check<Row> = CheckDefinition & Requires<Row> & CheckMethods<Row>

interface CheckMethods<in Row> {
  /** A breach is told, and fails nothing. */
  warn(): Check<Row>
}

/** A check that counts the rows that breach it. */
export type CountingCheck<Row> = Check<Row> & CountingMethods<Row>

interface CountingMethods<in Row> {
  /** Holds when at least this share of the rows does, 0 to 1; or more than it, when `above` says so. */
  mostly(share: number, options?: { readonly above?: boolean }): Check<Row>
  /** Holds when no more than so many rows breach it. */
  exceptRows(rows: number): Check<Row>
}

/** A check that each row holds or breaches by itself. */
export type RowCheck<Row> = CountingCheck<Row> & RowCheckMethods<Row>

interface RowCheckMethods<in Row> {
  /** A row that breaches it is refused and becomes a dead letter; for streams. */
  critical(): Check<Row>
}

type Unfinished<Definition> = Definition extends CheckDefinition ? Omit<Definition, 'severity'> : never

/**
 * A check with the methods that its builders share; a breach fails the batch until it says otherwise.
 * @param mentioned definitions that it names
 */
export function checkOf<Row>(
  definition: Unfinished<CheckDefinition>,
  mentioned: readonly unknown[] = [],
): RowCheck<Row> {
  const made = (severity: CheckSeverity, allowed?: Tolerance): RowCheck<Row> =>
    withHidden(
      { ...definition, ...(allowed === undefined ? {} : { allowed }), severity } as CheckDefinition,
      mentioned,
      {
        critical: () => made('critical', allowed),
        warn: () => made('warn', allowed),
        mostly: (share: number, { above = false } = {}) =>
          made(severity, { share: round(1 - share), ...(above ? { below: true } : {}) }),
        exceptRows: (rows: number) => made(severity, { rows }),
      },
    ) as unknown as RowCheck<Row>
  return made('fail')
}

/** Bounds that a builder still waits for. */
export interface Bounded<Row> {
  /** Both included. */
  between(min: number, max: number): Check<Row>
  atLeast(min: number): Check<Row>
  atMost(max: number): Check<Row>
}

/** A check of a figure that lies within bounds. */
export function boundedBy<Row>(definition: (bounds: CheckBounds) => Unfinished<CheckDefinition>): Bounded<Row> {
  return {
    between: (min, max) => checkOf(definition({ min, max })),
    atLeast: (min) => checkOf(definition({ min })),
    atMost: (max) => checkOf(definition({ max })),
  }
}

/** 1 - 0.98 as people write it: .02. */
function round(share: number): number {
  if (!Number.isFinite(share)) throw new TruelineError('definition_invalid', 'A share is a number from 0 to 1.')
  return Number(share.toPrecision(12))
}
