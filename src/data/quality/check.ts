import type { DataType, Schema } from '../../core/data-type.ts'
import type { CheckName, CheckOf } from '../../language/define/check-definition.ts'
import type { Expression } from '../../language/expr/expression.ts'
import type { EventColumn } from '../../stores/log/event-batch.ts'
import type { ProfiledColumn } from './profile/column-profile.ts'

/** Rows of a table, column by column in the order of its schema. */
export interface ColumnBatch {
  readonly length: number
  readonly columns: readonly EventColumn[]
}

/** What a check found, before its severity is asked. */
export interface Finding {
  readonly outcome: 'holds' | 'breached' | 'insufficient'
  /** Rows or values that it rests on. */
  readonly n: number
  /** How many of them breach it, where they can be counted. */
  readonly failing?: number
  /** The figure that was judged, where it is one. */
  readonly value?: number
  /** Where the figure estimates: its 95% interval. */
  readonly interval?: { readonly low: number; readonly high: number }
  /** A few of the values that breach it; masked where the column is sensitive. */
  readonly examples?: readonly string[]
  /** One plain sentence. */
  readonly sentence: string
}

/** What a check may know besides the rows. */
export interface CheckContext {
  /** The columns that are there, in the order of the table. */
  readonly schema: Schema
  /** Their names in the order of the source, where it has one of its own. */
  readonly order?: readonly string[]
  /** The moment of the judgement, microseconds. */
  readonly now: number
  /** Values of a column of another stream, as its batches hold them; see `referenceKey` and `MOST_REFERENCES`. */
  readonly references: ReadonlyMap<string, ReadonlySet<string | number>>
}

/** More values of another stream would take more memory than a check may: a set of so many may not be whole. */
export const MOST_REFERENCES = 5_000_000

/** Under which name the values of another stream's column are given. */
export function referenceKey({ stream, references }: CheckOf<'foreignKey'>): string {
  return `${stream}.${references}`
}

/** Whether a value of a column, as a batch holds it, is as it should be. */
export interface ValueTest {
  readonly kind: 'value'
  readonly column: string
  /** Whether a missing value holds. */
  readonly missingHolds: boolean
  /** Told after the value; goes on from "12 in 'column'". */
  readonly says: string
  holds(value: string | number): boolean
}

/** A condition over a row: holds unless it is false. */
export interface ConditionTest {
  readonly kind: 'condition'
  readonly expression: Expression
  /** Column that is named first. */
  readonly column: string
  readonly says: string
}

export type RowTest = ValueTest | ConditionTest

/** A fold over all rows. */
export interface TableRun {
  take(batch: ColumnBatch): void
  finish(): Finding
}

/** One kind of check: how it is judged, in one of four forms. */
export type CheckKind<Name extends CheckName> = { readonly words: (definition: CheckOf<Name>) => string } & (
  | {
      /** By the columns alone. */
      readonly form: 'schema'
      readonly judge: (definition: CheckOf<Name>, context: CheckContext) => Finding
    }
  | {
      /** Row by row. `type` is that of its column; of the first one for a condition. */
      readonly form: 'row'
      readonly test: (definition: CheckOf<Name>, type: DataType) => RowTest
    }
  | {
      /** By what a column's fold knows at the end. */
      readonly form: 'column'
      readonly judge: (definition: CheckOf<Name>, column: ProfiledColumn, context: CheckContext) => Finding
    }
  | {
      /** By a fold of its own. */
      readonly form: 'table'
      readonly start: (definition: CheckOf<Name>, context: CheckContext) => TableRun
    }
)
